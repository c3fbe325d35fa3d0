"""Transforms template.yaml as a deployment would, for each authorizer, and holds the result against contract.py.

The linters do not see an open route, a cycle through an environment or a right too many: only the transformed template
shows them. Every fault is printed; any fault fails the run.
"""

import copy
import json
import logging
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

import contract

ROOT = Path(__file__).resolve().parents[2]
HANDLERS = "social.avatarai.mcp.functions"
SHARDS = 64
EVENTS = {"Events": "on", "WebhookUrl": "https://app.example.com/hook"}
CONFIGURED = {"JwtIssuer": "https://issuer.example.com", "JwtAudience": "audience", "JwksUri": "https://issuer.example.com/jwks"}

faults = []
checked = 0


def expect(holds, fault):
    global checked
    checked += 1
    if not holds:
        faults.append(fault)


def expect_equal(what, found, wanted):
    """Compares sets, so that the fault names what is missing and what is too many."""
    parts = [f"{word} {sorted(difference, key=str)}" for word, difference in (("missing", wanted - found), ("unexpected", found - wanted)) if difference]
    expect(not parts, f"{what}: {'; '.join(parts)}")


# ------------------------------------------------------------------------------------------------ reading CloudFormation


def decide(condition, parameters, conditions):
    """The value of a condition or rule function; only those that the template uses."""
    (function, arguments), = condition.items()
    if function == "Condition":
        return decide(conditions[arguments], parameters, conditions)
    if function == "Fn::Equals":
        left, right = (parameters[side["Ref"]] if isinstance(side, dict) else side for side in arguments)
        return str(left) == str(right)
    parts = [decide(part, parameters, conditions) for part in arguments]
    return {"Fn::Not": lambda: not parts[0], "Fn::And": lambda: all(parts), "Fn::Or": lambda: any(parts)}[function]()


NO_VALUE = {"Ref": "AWS::NoValue"}


def resolve(node, holds):
    """The node with every Fn::If decided and what then has no value left out."""
    if isinstance(node, dict):
        if set(node) == {"Fn::If"}:
            name, when_true, when_false = node["Fn::If"]
            return resolve(when_true if holds[name] else when_false, holds)
        resolved = {key: resolve(value, holds) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value != NO_VALUE}
    if isinstance(node, list):
        return [item for item in (resolve(item, holds) for item in node) if item != NO_VALUE]
    return node


def references(node):
    """The names that a node refers to: logical ids, parameters and pseudo parameters alike."""
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, value in node.items():
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0] if isinstance(value, list) else value.split(".")[0])
        elif key == "Fn::Sub":
            text, own = value if isinstance(value, list) else (value, {})
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text)} - set(own)
            found |= references(own)
        elif key == "DependsOn":
            found |= {value} if isinstance(value, str) else set(value)
        else:
            found |= references(value)
    return found


def reachable(start, resources):
    """The resources that must exist before one of them can be made."""
    seen, ahead = set(), [start]
    while ahead:
        ahead += [name for name in references(resources[ahead.pop()]) & set(resources) if name not in seen and not seen.add(name)]
    return seen


class Deployment:
    """The template as it is deployed with these parameters: transformed, conditions decided."""

    def __init__(self, template, **given):
        template = copy.deepcopy(template)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://bucket/" + resource["Properties"]["CodeUri"]
        parameters = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()} | given
        rules = template.get("Rules", {})
        session = Session(region_name="us-east-1")
        translated = Translator({}, Parser(), boto_session=session).translate(template, dict(parameters))
        conditions = translated["Conditions"]
        holds = {name: decide(condition, parameters, conditions) for name, condition in conditions.items()}
        kept = {name: it for name, it in translated["Resources"].items() if holds.get(it.get("Condition"), True)}
        self.resources = resolve(kept, holds)
        self.refusals = [
            assertion["AssertDescription"]
            for rule in rules.values()
            if "RuleCondition" not in rule or decide(rule["RuleCondition"], parameters, conditions)
            for assertion in rule["Assertions"]
            if not decide(assertion["Assert"], parameters, conditions)
        ]

    def of_type(self, kind):
        return {name: it["Properties"] for name, it in self.resources.items() if it["Type"] == kind}

    def functions(self):
        return self.of_type("AWS::Lambda::Function")

    def api(self):
        (body,) = (api["Body"] for api in self.of_type("AWS::ApiGatewayV2::Api").values())
        return body

    def operations(self):
        return {f"{method.upper()} {path}": operation for path, item in self.api()["paths"].items() for method, operation in item.items()}


# ------------------------------------------------------------------------------------------------------------- the checks


def folders_and_functions(template):
    declared = {name: it["Properties"] for name, it in template["Resources"].items() if it["Type"] == "AWS::Serverless::Function"}
    folders = {path.name for path in (ROOT / "functions").glob("*") if path.is_dir()}
    expect_equal("functions/ (its folders)", folders, set(contract.ROUTES))
    expect_equal("functions of the template", set(declared), {contract.logical_id(name) for name in contract.ROUTES})
    for folder in contract.ROUTES:
        properties = declared.get(contract.logical_id(folder), {})
        archive = f"functions/{folder}/target/{folder}.zip"
        package = folder.replace("-", "")
        handler = f"{HANDLERS}.{package}.{''.join(word.capitalize() for word in folder.split('-'))}Handler"
        expect(properties.get("CodeUri") == archive, f"{folder}: CodeUri is {properties.get('CodeUri')}, not {archive}")
        expect(properties.get("Handler") == handler, f"{folder}: Handler is {properties.get('Handler')}, not {handler}")
        archive_holds(ROOT / archive, handler)


def archive_holds(archive, handler):
    """A wrong class name shows first at the first invocation, so look into the archive."""
    if not archive.is_file():
        expect(False, f"{archive.relative_to(ROOT)} does not exist: run `mvn package -Dmaven.test.skip`")
        return
    wanted = handler.replace(".", "/") + ".class"
    with zipfile.ZipFile(archive) as outer:
        files = [name for name in outer.namelist() if not name.endswith("/")]
        expect_equal(f"{archive.name}: files", set(files), {f"lib/{archive.stem}.jar"})
        with zipfile.ZipFile(BytesIO(outer.read(f"lib/{archive.stem}.jar"))) as jar:
            jar_is_merged(archive.name, jar.infolist())
            expect(wanted in jar.namelist(), f"{archive.name} holds no {wanted}")


def jar_is_merged(archive, entries):
    """One jar of all libraries, not compressed (decision 0061): no signature of a part, and the licenses."""
    names = [entry.filename for entry in entries if not entry.filename.endswith("/")]
    expect(all(entry.compress_type == zipfile.ZIP_STORED for entry in entries), f"{archive}: its jar is compressed")
    licenses = [name for name in names if name.startswith("META-INF/licenses/httpcore5/")]
    expect(licenses, f"{archive} holds no license of a library")
    signatures = [name for name in names if re.fullmatch(r"META-INF/[^/]+\.(SF|RSA|DSA|EC)", name)]
    expect(not signatures, f"{archive} holds signatures of single jars: {signatures[:3]}")


def routes(deployment, mode):
    operations = deployment.operations()
    wanted = {route: folder for folder, listed in contract.ROUTES.items() for route in listed}
    expect_equal(f"{mode}: routes", set(operations), set(wanted))
    expect_equal(f"{mode}: open routes", {route for route, it in operations.items() if not it.get("security")}, contract.PUBLIC)
    for route, operation in operations.items():
        integration = operation.get("x-amazon-apigateway-integration", {})
        target = references(integration) - {"AWS::Partition", "AWS::Region"}
        expect(target == {contract.logical_id(wanted.get(route, ""))}, f"{mode}: {route} is answered by {sorted(target)}")
        expect(integration.get("payloadFormatVersion") == "2.0", f"{mode}: {route} has not payload format 2.0")
        expect(operation.get("security") in (None, [{"caller": []}]), f"{mode}: {route} names another scheme: {operation.get('security')}")
        expect(re.search(r"[^/]\{|\}[^/]", route.split(" ")[1]) is None, f"{mode}: {route} has a variable inside a segment")


def authorizer(deployment, mode):
    scheme = deployment.api()["components"]["securitySchemes"]["caller"]["x-amazon-apigateway-authorizer"]
    function = contract.logical_id("authorizer")
    permissions = [it for it in deployment.of_type("AWS::Lambda::Permission").values() if function in references(it["FunctionName"])]
    if mode == "jwt":
        expect(scheme["type"] == "jwt", f"jwt: the authorizer is of type {scheme['type']}")
        expect(function not in deployment.functions(), "jwt: the authorizer function exists")
        expect(not permissions, "jwt: the authorizer function may be invoked")
        return
    expect(scheme["type"] == "request", f"lambda: the authorizer is of type {scheme['type']}")
    expect(function in deployment.functions(), "lambda: there is no authorizer function")
    expect(function in references(scheme.get("authorizerUri")), "lambda: the authorizer is another function")
    expect(len(permissions) == 1, f"lambda: {len(permissions)} permissions to invoke the authorizer function")
    for permission in permissions:
        expect(permission["Principal"] == "apigateway.amazonaws.com", f"lambda: {permission['Principal']} may invoke the authorizer function")
        expect("Api" in references(permission.get("SourceArn")), "lambda: any API may invoke the authorizer function")
        expect("/authorizers/" in json.dumps(permission.get("SourceArn")), "lambda: the authorizer function may be invoked as a route")


SECRETS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/"


def is_ours(resource):
    """Whether a policy's resource is one of the template, an index or stream of a table, or a secret of the stack."""
    if not isinstance(resource, dict) or len(resource) != 1:
        return False
    ((function, value),) = resource.items()
    if function == "Fn::Sub":
        return re.fullmatch(r"\$\{\w+\.Arn\}/index/\w+", str(value)) is not None or str(value).startswith(SECRETS)
    return function == "Ref" or (function == "Fn::GetAtt" and listed(value)[-1].split(".")[-1] in ("Arn", "StreamArn"))


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(policies):
    """The statements of policies, each as text, so that they can be compared."""
    return {json.dumps(it, sort_keys=True) for policy in policies for it in policy["Statement"]}


def rights(template, deployment, mode):
    """A role holds what the template's statements say and nothing else: LeastRightsTest holds these against the code."""
    roles = deployment.of_type("AWS::IAM::Role")
    for folder in contract.ROUTES:
        name = contract.logical_id(folder)
        function = deployment.functions().get(name)
        if function is None:
            continue  # its absence is a fault of its own, or right without the lambda authorizer
        role = roles[references(function["Role"]).pop()]
        managed = [str(arn).rsplit("/", 1)[-1] for arn in role["ManagedPolicyArns"]]
        expect(managed == ["AWSLambdaBasicExecutionRole"], f"{mode}: {folder} has the managed policies {managed}")
        written = statements(template["Resources"][name]["Properties"].get("Policies", []))
        granted = statements(policy["PolicyDocument"] for policy in role.get("Policies", []))
        expect_equal(f"{mode}: statements of {folder}", granted, written)
        for statement in map(json.loads, granted):
            statement_is_narrow(statement, f"{mode}: {folder}, {statement.get('Sid')}")


def statement_is_narrow(statement, where):
    """What LeastRightsTest cannot see, which reads the template without CloudFormation's functions."""
    expect(statement["Effect"] == "Allow", f"{where}: effect {statement['Effect']}")
    strangers = [resource for resource in listed(statement["Resource"]) if not is_ours(resource)]
    expect(not strangers, f"{where}: resources that are not the stack's: {strangers}")
    creates = "secretsmanager:CreateSecret" in listed(statement["Action"])
    if creates and any("/signing-key" in str(resource) for resource in listed(statement["Resource"])):
        named = statement.get("Condition", {}).get("StringEquals", {})
        expect("secretsmanager:Name" in named, f"{where}: the name of the secret is not fixed")


def settings(template, deployment, mode):
    expect_equal("settings in Globals", set(template["Globals"]["Function"]["Environment"]["Variables"]), contract.SETTINGS)
    for name, function in deployment.functions().items():
        own = next((them for folder, them in contract.OWN_SETTINGS.items() if name == contract.logical_id(folder)), set())
        expect_equal(f"{mode}: settings of {name}", set(function["Environment"]["Variables"]), contract.SETTINGS | own)
        expect("Api" not in references(function["Environment"]), f"{mode}: the environment of {name} names the API")
        expect("Api" not in reachable(name, deployment.resources), f"{mode}: {name} depends on the API, which depends on it")


def cross_origin_calls(template, mode):
    closed = Deployment(template, Authorizer=mode, **CONFIGURED).api().get("x-amazon-apigateway-cors")
    expect(closed is None, f"{mode}: cross-origin calls are allowed without CorsOrigins: {closed}")
    cors = Deployment(template, Authorizer=mode, CorsOrigins="https://app.example.com", **CONFIGURED).api().get("x-amazon-apigateway-cors", {})
    expect(cors.get("allowOrigins") == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}, f"{mode}: allowed origins are {cors.get('allowOrigins')}")
    expect(cors.get("allowCredentials") is True, f"{mode}: cross-origin calls carry no credentials")
    expect(set(cors.get("allowHeaders", [])) == {"authorization", "content-type", "if-match", "if-none-match", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"}, f"{mode}: allowed headers are {cors.get('allowHeaders')}")
    expect(cors.get("exposeHeaders") == ["etag", "mcp-session-id"], f"{mode}: headers that a page may read are {cors.get('exposeHeaders')}")


def own_host(template, mode):
    """Behind a custom domain the API does not answer under its own host, unless the operator wants it to."""
    for given, closed in (
        ({}, False),
        ({"PublicBaseUrl": "https://app.example.com"}, True),
        ({"PublicBaseUrl": "https://app.example.com", "ExecuteApiEndpoint": "open"}, False),
    ):
        api = Deployment(template, Authorizer=mode, **given, **CONFIGURED).api()
        found = [
            server["x-amazon-apigateway-endpoint-configuration"].get("disableExecuteApiEndpoint")
            for server in api.get("servers", [])
            if "x-amazon-apigateway-endpoint-configuration" in server
        ]
        expect(found == [closed], f"{mode}: the API's own host is closed with {given}: {found}")


# The providers at which the operator may have a client, as the parameters name them.
OPERATOR_CLIENTS = ("GitHub", "X", "Notion")


def operator_secret(template, mode):
    """An operator's client secret is in Secrets Manager, is there before each function, and is in no function's environment."""
    for one in OPERATOR_CLIENTS:
        client = {f"{one}ClientId": "id", f"{one}ClientSecret": "plain-secret"}
        for given in ({}, client):
            deployment = Deployment(template, Authorizer=mode, **given, **CONFIGURED)
            secrets = [it for it in deployment.of_type("AWS::SecretsManager::Secret").values() if "SecretString" in it]
            expect(len(secrets) == (1 if given else 0), f"{mode}: {len(secrets)} secrets of the operator's client with {set(given)}")
            expect(all("KmsKeyId" in secret for secret in secrets), f"{mode}: the operator's secret has not the template's key")
            for name, function in deployment.functions().items():
                expect(f"{one}ClientSecret" not in references(function), f"{mode}: {name} has the operator's secret in its configuration")
                expect((f"{one}Client" in references(function)) == bool(given), f"{mode}: {name} does not wait for the operator's secret")


def access_log(deployment, mode):
    """Tokens and codes travel in paths' queries, headers and messages: none of these variables may be logged."""
    (stage,) = deployment.of_type("AWS::ApiGatewayV2::Stage").values()
    variables = set(re.findall(r"\$context\.([A-Za-z.]+)", stage["AccessLogSettings"]["Format"]))
    harmless = {
        "requestId", "requestTime", "routeKey", "status", "error.responseType",
        "integrationStatus", "responseLatency", "integrationLatency", "responseLength",
    }  # fmt: skip
    expect(variables <= harmless, f"{mode}: the access log holds {sorted(variables - harmless)}")
    json.loads(stage["AccessLogSettings"]["Format"])


def refresh_workers(template):
    for workers in (1, 2, 4, 8, 16):
        deployment = Deployment(template, RefreshWorkers=str(workers), **CONFIGURED)
        targets = [target for rule in deployment.of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
        ranges = [json.loads(target["Input"])["shards"].split("-") for target in targets]
        shards = [shard for first, last in ranges for shard in range(int(first), int(last) + 1)]
        expect(len(targets) == workers, f"{len(targets)} schedules for {workers} workers")
        expect(all(len(rule["Targets"]) <= 5 for rule in deployment.of_type("AWS::Events::Rule").values()), f"{workers} workers: a rule has more than 5 targets")
        expect(len({target["Id"] for target in targets}) == workers, f"schedules of {workers} workers share an id")
        expect(sorted(shards) == list(range(SHARDS)), f"{workers} workers do not cover each shard once: {shards}")
        expect(all(references(target["Arn"]) == {"ScheduledRefresh"} for target in targets), "a schedule invokes another function")


# What exists because of events, with which value of Events and WebhookUrl.
OF_EVENTS = {"GrantEvents", "GrantEventSource", "GrantEventFailures", "GrantEventBus"}
OF_THE_WEBHOOK = {"Webhook", "WebhookSource", "WebhookQueue", "WebhookFailures", "WebhookRule", "WebhookQueuePolicy", "WebhookSecret"}


def events(template):
    """Events that are off leave nothing behind, and no failure of an event is lost."""
    off = Deployment(template, **CONFIGURED)
    expect(not (OF_EVENTS | OF_THE_WEBHOOK) & set(off.resources), "off: something of events exists")
    expect("StreamSpecification" not in off.of_type("AWS::DynamoDB::Table")["TokensTable"], "off: the stream is on")
    for given in ({"Events": "on"}, {"Events": "all"}, EVENTS):
        deployment = Deployment(template, **given, **CONFIGURED)
        expect_equal(f"{given}: events", OF_EVENTS - set(deployment.resources), set())
        expect_equal(f"{given}: webhook", OF_THE_WEBHOOK & set(deployment.resources), OF_THE_WEBHOOK if "WebhookUrl" in given else set())
        tables = deployment.of_type("AWS::DynamoDB::Table")
        expect_equal("tables with a stream", {name for name, it in tables.items() if "StreamSpecification" in it}, {"TokensTable"})
        source = deployment.of_type("AWS::Lambda::EventSourceMapping")["GrantEventSource"]
        patterns = [json.loads(one["Pattern"]) for one in source["FilterCriteria"]["Filters"]]
        expect(len(patterns) <= 5, f"{given}: {len(patterns)} filters, and AWS takes 5")
        expect(all('"status"' in json.dumps(pattern) for pattern in patterns), f"{given}: rows without a status pass")
        expect(0 < source["MaximumRetryAttempts"] <= 100, f"{given}: tries without an end")
        expect(references(source["DestinationConfig"]) == {"GrantEventFailures"}, f"{given}: no queue of failures")
    queue = Deployment(template, **EVENTS, **CONFIGURED).of_type("AWS::SQS::Queue")["WebhookQueue"]
    expect(references(queue["RedrivePolicy"]) == {"WebhookFailures"}, "the webhook has no queue of failures")
    expect(864000 <= queue["MessageRetentionPeriod"] < 1209600, "webhooks that wait for their turn end before they are put aside")
    refused = Deployment(template, WebhookUrl=EVENTS["WebhookUrl"], **CONFIGURED).refusals
    expect(refused, "deploys a webhook without events")


def rules(template):
    for mode, needed in (("jwt", {"JwtIssuer", "JwtAudience"}), ("lambda", set(CONFIGURED))):
        expect(not Deployment(template, Authorizer=mode, **CONFIGURED).refusals, f"{mode}: a complete configuration is refused")
        for name in needed:
            given = {**CONFIGURED, name: ""}
            expect(Deployment(template, Authorizer=mode, **given).refusals, f"{mode}: deploys without {name}")
    for half in ({name: "text"} for one in OPERATOR_CLIENTS for name in (f"{one}ClientId", f"{one}ClientSecret")):
        expect(Deployment(template, **CONFIGURED, **half).refusals, f"deploys with {set(half)} alone")


def main():
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    folders_and_functions(template)
    for mode in ("jwt", "lambda"):
        deployment = Deployment(template, Authorizer=mode, **EVENTS, **CONFIGURED)
        routes(deployment, mode)
        authorizer(deployment, mode)
        rights(template, deployment, mode)
        settings(template, deployment, mode)
        cross_origin_calls(template, mode)
        access_log(deployment, mode)
        own_host(template, mode)
        operator_secret(template, mode)
    refresh_workers(template)
    events(template)
    rules(template)
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"template.yaml: {checked} expectations, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
