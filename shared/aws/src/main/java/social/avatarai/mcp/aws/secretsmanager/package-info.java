/** Named secrets in AWS Secrets Manager. Door: {@link social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault}. */
@NullMarked
package social.avatarai.mcp.aws.secretsmanager;

import org.jspecify.annotations.NullMarked;
