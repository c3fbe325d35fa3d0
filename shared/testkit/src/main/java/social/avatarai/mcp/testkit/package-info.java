/**
 * Fakes over real loopback HTTP: an authorization server, an MCP server, and a clock that is moved by hand.
 *
 * <p>Doors: {@link social.avatarai.mcp.testkit.FakeAuthorizationServer} and
 * {@link social.avatarai.mcp.testkit.FakeMcpServer}; {@link social.avatarai.mcp.testkit.Demo} is both, for a person with
 * a browser. They are strict by default and are made to misbehave by their knobs and by scripted exchanges.
 */
@NullMarked
package social.avatarai.mcp.testkit;

import org.jspecify.annotations.NullMarked;
