package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.HttpResponses;

class ServerQuestionTest {

  @Test
  void isAMessageWithAMethodAndAnId() {
    assertThat(ServerQuestion.isQuestion(HttpResponses.object("{'id':1,'method':'ping'}"))).isTrue();
    assertThat(ServerQuestion.isQuestion(HttpResponses.object("{'method':'notifications/progress'}"))).isFalse();
    assertThat(ServerQuestion.isQuestion(HttpResponses.object("{'id':1,'result':{}}"))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Elicitation.class)
  void pingGetsAnEmptyResult(Elicitation elicitation) {
    assertThat(ServerQuestion.reply(HttpResponses.object("{'id':'a','method':'ping'}"), elicitation))
        .isEqualTo(HttpResponses.object("{'jsonrpc':'2.0','id':'a','result':{}}"));
  }

  @Test
  void elicitationGetsTheDefaultsOnlyWhereItWasDeclared() {
    var question = HttpResponses.object("{'id':2,'method':'elicitation/create','params':{}}");
    assertThat(ServerQuestion.reply(question, Elicitation.DEFAULTS))
        .isEqualTo(HttpResponses.object("{'jsonrpc':'2.0','id':2,'result':{'action':'accept','content':{}}}"));
    assertThat(ServerQuestion.reply(question, Elicitation.NONE)).isEqualTo(
        HttpResponses.object("{'jsonrpc':'2.0','id':2,'error':{'code':-32601,'message':'Method not found'}}"));
  }

  @Test
  void everyOtherQuestionIsRefused() {
    assertThat(ServerQuestion.reply(HttpResponses.object("{'id':3,'method':'roots/list'}"), Elicitation.DEFAULTS))
        .isEqualTo(
            HttpResponses.object("{'jsonrpc':'2.0','id':3,'error':{'code':-32601,'message':'Method not found'}}"));
  }
}
