/**
 * Fakes over real loopback HTTP: an authorization server, an MCP server, and a clock that tests move.
 *
 * <p>Doors: {@link social.avatarai.mcp.testkit.FakeAuthorizationServer} and
 * {@link social.avatarai.mcp.testkit.FakeMcpServer}; {@link social.avatarai.mcp.testkit.Demo} has both, for a person
 * with a browser. The fakes are strict by default. Knobs and scripted exchanges make them misbehave.
 */
@NullMarked
package social.avatarai.mcp.testkit;

import org.jspecify.annotations.NullMarked;
