package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;

class SiteTest {

  private static boolean isShared(String one, String other) {
    boolean shared = Site.isShared(new EndpointUrl(one), new EndpointUrl(other));
    assertThat(Site.isShared(new EndpointUrl(other), new EndpointUrl(one))).isEqualTo(shared);
    return shared;
  }

  @ParameterizedTest
  @CsvSource({"https://auth.example.com/token, https://example.com/oauth",
      "https://a.example.com, https://b.example.com",
      "https://a.b.example.co.uk/, https://example.co.uk", "https://EXAMPLE.com, https://login.example.com:8443",
      "https://example.com., https://auth.example.com", "http://localhost:1/token, http://localhost:2",
      "http://127.0.0.1:1/token, http://127.0.0.1:2", "http://[::1]:1/token, http://[::1]:2",
      "https://as.example, https://other.as.example", "https://one.github.io/a, https://one.github.io/b",
      "https://a.one.github.io, https://b.one.github.io", "https://EXAMPLE.com., https://example.com",
      "https://a.xn--fsq.xn--55qx5d.cn, https://b.xn--fsq.xn--55qx5d.cn", "https://a.XN--FSQ.com, https://xn--fsq.com",
      "https://a.www.ck, https://www.ck", "https://a.one.two.ck, https://b.one.two.ck",
      "https://one.s3.amazonaws.com/a, https://one.s3.amazonaws.com/b", "https://github.io/a, https://github.io/b"})
  void hostsOfOneRegistrableDomainShareASite(String one, String other) {
    assertThat(isShared(one, other)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"https://example.com, https://example.org", "https://example.com, https://example.com.evil.example",
      "https://one.co.uk, https://two.co.uk", "https://co.uk, https://one.co.uk",
      "https://one.github.io, https://two.github.io", "https://github.io, https://one.github.io",
      "https://one.example., https://two.example.", "http://localhost, http://127.0.0.1",
      "http://localhost, http://[::1]", "https://203.0.113.1, https://203.0.113.2",
      "https://notexample.com, https://example.com", "https://github.io., https://one.github.io.",
      "https://ONE.github.io, https://two.GITHUB.io", "https://xn--fsq.xn--55qx5d.cn, https://xn--fsqu.xn--55qx5d.cn",
      "https://one.two.ck, https://three.two.ck", "https://www.ck, https://one.ck",
      "https://one.s3.amazonaws.com, https://two.s3.amazonaws.com", "https://com, https://example.com",
      "https://localhost.example.com, http://localhost", "https://203.0.113.1, https://1.example.com",
      "https://[2001:db8::1], https://[2001:db8::2]", "https://xn--exmple-cua.com, https://example.com"})
  void hostsOfTwoRegistrableDomainsDoNot(String one, String other) {
    assertThat(isShared(one, other)).isFalse();
  }
}
