package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.http.Json;

class ElicitationTest {

  @Test
  void acceptsAFormWithItsDefaults() {
    var params = HttpResponses.object("{'message':'?','requestedSchema':{'type':'object','properties':{"
        + "'name':{'type':'string','default':'Ada'},'age':{'type':'integer','default':30},"
        + "'sure':{'type':'boolean','default':false},'note':{'type':'string'}},'required':['name']}}");

    assertThat(Elicitation.byDefault(params)).isEqualTo(
        HttpResponses.object("{'action':'accept','content':{'name':'Ada','age':30,'sure':false}}"));
  }

  @Test
  void acceptsAFormThatAsksForNothing() {
    assertThat(Elicitation.byDefault(Json.newObject()))
        .isEqualTo(HttpResponses.object("{'action':'accept','content':{}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'requestedSchema':{'properties':{'a':{'type':'string'}},'required':['a']}}",
      "{'requestedSchema':{'properties':{'a':{'default':null}},'required':['a']}}",
      "{'requestedSchema':{'required':['a']}}", "{'mode':'url','url':'https://a.example'}", "{'mode':'other'}"})
  void declinesWhatHasNoDefault(String params) {
    assertThat(Elicitation.byDefault(HttpResponses.object(params)))
        .isEqualTo(HttpResponses.object("{'action':'decline'}"));
  }
}
