"""aiokafka's security options in Faust's words."""

import ssl
from collections.abc import Mapping
from typing import Any

from faust import SASLCredentials, SSLCredentials
from faust.auth import Credentials, GSSAPICredentials, OAuthCredentials


def credentials_of(kafka: Mapping[str, Any]) -> Credentials | None:
    """Answer the credentials that `security_protocol`, `ssl_context` and the `sasl_*` options speak of; None for plain text."""
    protocol = kafka.get("security_protocol", "PLAINTEXT")
    context = kafka.get("ssl_context")
    if protocol in ("SSL", "SASL_SSL") and not isinstance(context, ssl.SSLContext):
        context = ssl.create_default_context()
    if protocol == "PLAINTEXT":
        return None
    if protocol == "SSL":
        return SSLCredentials(context)
    if protocol not in ("SASL_PLAINTEXT", "SASL_SSL"):
        raise ValueError(f"unknown security_protocol {protocol!r}")
    secured = context if protocol == "SASL_SSL" else None
    mechanism = kafka.get("sasl_mechanism", "PLAIN")
    if mechanism == "OAUTHBEARER":
        return OAuthCredentials(oauth_cb=kafka["sasl_oauth_token_provider"], ssl_context=secured)
    if mechanism == "GSSAPI":
        return GSSAPICredentials(
            kerberos_service_name=kafka.get("sasl_kerberos_service_name", "kafka"),
            kerberos_domain_name=kafka.get("sasl_kerberos_domain_name"),
            ssl_context=secured,
            mechanism=mechanism,
        )
    return SASLCredentials(
        username=kafka.get("sasl_plain_username"),
        password=kafka.get("sasl_plain_password"),
        ssl_context=secured,
        mechanism=mechanism,
    )
