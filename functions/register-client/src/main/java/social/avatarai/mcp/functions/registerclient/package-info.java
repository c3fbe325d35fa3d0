/** The function register-client: registers a client of the caller's at an authorization server. */
@NullMarked
package social.avatarai.mcp.functions.registerclient;

import org.jspecify.annotations.NullMarked;
