package social.avatarai.mcp.lambda;

import social.avatarai.mcp.Journal;
import social.avatarai.mcp.registration.CallerRegistration;
import social.avatarai.mcp.registration.ClientHolding;
import social.avatarai.mcp.registration.ClientMetadata;
import social.avatarai.mcp.registration.ClientSelector;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.DocumentClients;
import social.avatarai.mcp.registration.ImportedClients;
import social.avatarai.mcp.registration.OperatorClients;
import social.avatarai.mcp.registration.OperatorSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.RegistrationEndpoint;
import social.avatarai.mcp.registration.RegistrationIssuer;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.registration.SigningKeys;
import social.avatarai.mcp.registration.UsersOwnClients;

/**
 * The steps that choose or register our client at an authorization server: a client of the operator, of a user, or of
 * the deployment.
 */
final class RegistrationWiring {
  private final Settings settings;
  private final Platform platform;
  private final Journal journal;
  private final StoreWiring stores;
  private final DiscoveryWiring discovery;
  private final Once once = new Once();

  RegistrationWiring(Settings settings, Platform platform, Journal journal, StoreWiring stores,
      DiscoveryWiring discovery) {
    this.settings = settings;
    this.platform = platform;
    this.journal = journal;
    this.stores = stores;
    this.discovery = discovery;
  }

  RequestBudget budget() {
    return once.get(RequestBudget.class,
        () -> new RequestBudget(stores.requestCounter(), settings.budgets(), platform.clock()));
  }

  ClientMetadata metadata() {
    return once.get(ClientMetadata.class,
        () -> new ClientMetadata(settings.clientName(), settings.clientMetadataUrl()));
  }

  SigningKeys signingKeys() {
    return once.get(SigningKeys.class,
        () -> new SigningKeys(stores.vault(), settings.signingKeySecret(), platform.clock(), journal));
  }

  OperatorClients operatorClients() {
    return once.get(OperatorClients.class, () -> new OperatorClients(settings.operatorClients()));
  }

  CredentialSource credentials() {
    return once.get(CredentialSource.class,
        () -> new CredentialSource(operatorClients(), operatorSecrets(), stores.clientSecrets()));
  }

  private OperatorSecrets operatorSecrets() {
    return new OperatorSecrets(stores.vault(), platform.clock(), journal);
  }

  RegistrationEndpoint endpoint() {
    return once.get(RegistrationEndpoint.class,
        () -> new RegistrationEndpoint(discovery.outbound(), platform.clock(), journal));
  }

  RegistrationIssuer registrationIssuer() {
    return once.get(RegistrationIssuer.class, () -> new RegistrationIssuer(discovery.discovery()));
  }

  ClientSelector selector() {
    return once.get(ClientSelector.class,
        () -> new ClientSelector(endpoint(), metadata(),
            new DocumentClients(metadata(), discovery.outbound(), platform.clock()), operatorClients(),
            discovery.rules(),
            stores.registrations(), stores.managements(), stores.clientSecrets(), holding(), platform.clock(),
            discovery.pause()));
  }

  UsersOwnClients ownClients() {
    return once.get(UsersOwnClients.class,
        () -> new UsersOwnClients(operatorClients(), metadata(), stores.registrations()));
  }

  private ClientHolding holding() {
    return once.get(ClientHolding.class, () -> new ClientHolding(endpoint(), stores.registrations(),
        stores.managements(), stores.clientHolders(), platform.clock(), journal));
  }

  CallerRegistration callerRegistration() {
    return once.get(CallerRegistration.class,
        () -> new CallerRegistration(endpoint(), metadata(), stores.registrations(), stores.clientSecrets(),
            stores.managements(), holding(), platform.clock(), discovery.pause()));
  }

  PreregisteredClients preregistered() {
    return once.get(PreregisteredClients.class, () -> new PreregisteredClients(stores.registrations(),
        stores.clientSecrets(), holding(), budget(), platform.clock(), discovery.pause()));
  }

  ImportedClients importedClients() {
    return once.get(ImportedClients.class,
        () -> new ImportedClients(stores.registrations(), discovery.rules().profiles()));
  }

  Deregistration deregistration() {
    return once.get(Deregistration.class, () -> new Deregistration(holding(), stores.registrations(),
        stores.managements(), stores.clientSecrets(), platform.clock(), platform.pause(), journal));
  }
}
