"""Runs LocalStack for local/localstack: on the loopback interface only, with the DynamoDB that it is configured to start.

Arguments: the command that serves DynamoDB, to which the port is added.
"""
import sys

from localstack import config
from localstack.runtime import main
from localstack.services.dynamodb.server import DynamodbServer
from localstack.utils.run import ShellCommandThread
from twisted.internet import endpoints

# LocalStack would download one.
command = sys.argv[1:]


def start_dynamodb(server):
    thread = ShellCommandThread([*command, str(server.port)], name="dynamodb-local")
    thread.start()
    return thread


DynamodbServer.do_start_thread = start_dynamodb

# LocalStack uses the host of GATEWAY_LISTEN for IPv6 only, and opens an IPv4 port on every interface.
listening = endpoints.TCP4ServerEndpoint


def on_loopback(reactor, port, backlog=50, interface=""):
    return listening(reactor, port, backlog, interface or config.GATEWAY_LISTEN[0].host)


endpoints.TCP4ServerEndpoint = on_loopback

sys.argv[1:] = []
main.main()
