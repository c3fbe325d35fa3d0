// A client that a person registers by hand, with the redirect URI that the service names. Dynamic registration is only the way
// by which the person gets there: the service does not know it.
import { request } from './http.mjs';

export class HandMadeClient {
  #issuer;
  #metadata;
  #registered;

  constructor(issuer, metadata, registered) {
    this.#issuer = issuer;
    this.#metadata = metadata;
    this.#registered = registered;
  }

  static async register(user, issuer, metadata) {
    const { redirect_uri: redirectUri } = await user.ask('redirect-uri', { auth_server_url: issuer });
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const response = await request(metadata.registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'By hand',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: ['client_secret_post', 'client_secret_basic'].find((method) => methods.includes(method)),
        application_type: 'native',
      }),
    });
    const registered = await response.json();
    if (response.status !== 201) {
      throw new Error(`registering by hand: expected 201, got ${response.status}, ${registered.error}, ${registered.error_description}`);
    }
    return new HandMadeClient(issuer, metadata, registered);
  }

  get id() {
    return this.#registered.client_id;
  }

  /** As a person writes it down: the issuer without a slash at its end, and no word on how the client authenticates. */
  config() {
    const { client_id, client_secret } = this.#registered;
    return { client_id, client_secret, issuer: this.#issuer.replace(/\/$/, '') };
  }

  /** With all that is known of it. */
  fullConfig() {
    return { ...this.config(), token_endpoint_auth_method: this.#registered.token_endpoint_auth_method };
  }

  /** What the token endpoint says to a refresh token: `tokens`, or the error. */
  async refreshed(refreshToken, resource) {
    const response = await this.#post(this.#metadata.token_endpoint, { grant_type: 'refresh_token', refresh_token: refreshToken, resource });
    return response.ok ? 'tokens' : (await response.json()).error;
  }

  /** Ends the grant at the issuer, as a user does on the issuer's own pages. */
  async revoke(refreshToken) {
    // The Python SDK wants the field even of a client without a secret.
    const secret = this.#registered.client_secret ? {} : { client_secret: '' };
    const response = await this.#post(this.#metadata.revocation_endpoint, { token: refreshToken, token_type_hint: 'refresh_token', ...secret });
    if (!response.ok) throw new Error(`the revocation at the issuer: expected 200, got ${response.status}`);
  }

  #post(url, fields) {
    const { client_id, client_secret, token_endpoint_auth_method: method } = this.#registered;
    const body = new URLSearchParams({ ...fields, client_id });
    const headers = {};
    if (method === 'client_secret_basic') {
      headers.authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    } else if (client_secret) {
      body.set('client_secret', client_secret);
    }
    return request(url, { method: 'POST', headers, body });
  }
}
