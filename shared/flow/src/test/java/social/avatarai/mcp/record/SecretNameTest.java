package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretNameTest {

  @ParameterizedTest
  @ValueSource(strings = {"apiKey", "APIKey", "api_key", "x-api-key", "apikey", "API_KEYS", "accessToken",
      "AccessTokens",
      "accesstoken", "oauth2token", "idp_id_token", "private_key", "privateKeyPem", "privatekey2", "key", "Key1", "pem",
      "clientSecret", "clientsecret", "secrets", "password", "PassWord", "dbpasswd", "passphrase", "jwt", "assertion",
      "pwd", "db_pwd", "pass", "userPass", "pat", "github_pat", "sentryDsn", "client_credential", "bearerToken",
      "cookie", "session-cookie", "signingKey", "x key yyy", "token_of_the_app"})
  void nameWithAWordForASecretMarksOne(String name) {
    assertThat(SecretName.is(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"keyboard", "monkey", "turkey", "keywords", "keyword", "publicKey", "public_keys",
      "publickey",
      "tokenizer", "secretary", "schemaKind", "token_type", "token_endpoint", "token_endpoint_auth_method", "bearing",
      "passengers", "path", "pattern", "compass", "bypassed", "client_id", "description", "", "…", "密钥"})
  void wordThatOnlyContainsSuchAWordDoesNot(String name) {
    assertThat(SecretName.is(name)).isFalse();
  }
}
