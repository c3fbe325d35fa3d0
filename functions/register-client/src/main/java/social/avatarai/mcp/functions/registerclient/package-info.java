/** The function register-client: it registers a client of the caller at an authorization server. */
@NullMarked
package social.avatarai.mcp.functions.registerclient;

import org.jspecify.annotations.NullMarked;
