package social.avatarai.mcp.token;

import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;

/**
 * What an authorization code is redeemed with (RFC 6749 §4.1.3, RFC 7636 §4.5).
 *
 * @param target the issuer, its token endpoint, and the resource, as discovered when the flow began
 * @param redirectUri the redirect URI of the authorization request, the same string
 * @param verifier the PKCE verifier
 * @param scope the requested scopes; they count as granted if the response names none
 * @param publishedIssuer the issuer that an ID token has to name: the one in the metadata
 */
public record CodeExchange(GrantTarget target, RedirectUri redirectUri, CodeVerifier verifier, Scopes scope,
    Issuer publishedIssuer) {}
