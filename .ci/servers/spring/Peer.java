import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.authorization.OAuth2ClientRegistration;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationContext;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientRegistrationAuthenticationValidator;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.converter.OAuth2ClientRegistrationRegisteredClientConverter;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Spring Authorization Server with its own pages, open registration, and refresh tokens that rotate. MCP_AUTH_PORT says where;
 * MCP_RESOURCE is the audience of its tokens, because it knows no resource indicators.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Peer {
  private static final Set<String> SCOPES = Set.of("mcp:tools", "mcp:admin");
  private static final String DEFAULT_SCOPE = "mcp:tools";

  public static void main(String[] arguments) {
    SpringApplication.run(Peer.class, "--server.address=127.0.0.1", "--server.port=" + System.getenv("MCP_AUTH_PORT"),
      "--spring.main.banner-mode=off");
  }

  @Bean
  SecurityFilterChain security(HttpSecurity http) {
    http.oauth2AuthorizationServer(server -> server.clientRegistrationEndpoint(
      endpoint -> endpoint.openRegistrationAllowed(true).authenticationProviders(Peer::registration)));
    http.authorizeHttpRequests(requests -> requests.requestMatchers("/oauth2/register").permitAll().anyRequest().authenticated());
    http.formLogin(Customizer.withDefaults());
    return http.build();
  }

  /** By default a registration may name no scope at all, and a client without scopes is of no use here. */
  private static void registration(List<AuthenticationProvider> providers) {
    var clients = new OAuth2ClientRegistrationRegisteredClientConverter();
    clients.setTokenSettingsCustomizer(tokens -> tokens.reuseRefreshTokens(false)
      .accessTokenTimeToLive(Duration.ofSeconds(Long.parseLong(System.getenv("MCP_TOKEN_LIFE")))));
    for (var provider : providers) {
      if (provider instanceof OAuth2ClientRegistrationAuthenticationProvider registering) {
        registering.setAuthenticationValidator(
          OAuth2ClientRegistrationAuthenticationValidator.DEFAULT_REDIRECT_URI_VALIDATOR.andThen(Peer::knowsScopes));
        registering.setRegisteredClientConverter(asked -> withScope(clients.convert(asked)));
      }
    }
  }

  private static void knowsScopes(OAuth2ClientRegistrationAuthenticationContext context) {
    OAuth2ClientRegistrationAuthenticationToken token = context.getAuthentication();
    OAuth2ClientRegistration asked = token.getClientRegistration();
    if (asked.getScopes() != null && !SCOPES.containsAll(asked.getScopes())) {
      throw new OAuth2AuthenticationException("invalid_client_metadata");
    }
  }

  private static RegisteredClient withScope(RegisteredClient client) {
    return client.getScopes().isEmpty() ? RegisteredClient.from(client).scope(DEFAULT_SCOPE).build() : client;
  }

  @Bean
  AuthorizationServerSettings settings() {
    return AuthorizationServerSettings.builder().issuer("http://localhost:" + System.getenv("MCP_AUTH_PORT")).build();
  }

  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> audience() {
    return context -> {
      if (OAuth2TokenType.ACCESS_TOKEN.equals(context.getTokenType())) {
        context.getClaims().audience(List.of(System.getenv("MCP_RESOURCE")));
        context.getClaims().claim("client_id", context.getRegisteredClient().getClientId());
      }
    };
  }

  @Bean
  InMemoryUserDetailsManager users() {
    var users = new InMemoryUserDetailsManager();
    for (var name : List.of("alice", "bob", "carol", "dave", "erin")) {
      users.createUser(User.withUsername(name).password("{noop}" + name).roles("USER").build());
    }
    return users;
  }

  @Bean
  RegisteredClientRepository clients() {
    return new Clients(new ConcurrentHashMap<>());
  }

  @Bean
  JWKSource<SecurityContext> keys() throws NoSuchAlgorithmException {
    var pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    return new ImmutableJWKSet<>(
      new JWKSet(new RSAKey.Builder((RSAPublicKey) pair.getPublic()).privateKey(pair.getPrivate()).keyID("peer").build()));
  }

  /** The package's own repository in memory wants to have a client from the beginning. */
  private record Clients(Map<String, RegisteredClient> byId) implements RegisteredClientRepository {
    @Override
    public void save(RegisteredClient client) {
      byId.put(client.getId(), client);
    }

    @Override
    public RegisteredClient findById(String id) {
      return byId.get(id);
    }

    @Override
    public RegisteredClient findByClientId(String clientId) {
      return byId.values().stream().filter(client -> client.getClientId().equals(clientId)).findAny().orElse(null);
    }
  }
}
