/**
 * Events: what an app learns about the grants of its users, and the signed webhook that sends it.
 *
 * <p>Doors: {@link social.avatarai.mcp.event.GrantChange}, which turns a change of a stored grant into an event, and
 * {@link social.avatarai.mcp.event.Webhook} (Standard Webhooks 1.0).
 */
@NullMarked
package social.avatarai.mcp.event;

import org.jspecify.annotations.NullMarked;
