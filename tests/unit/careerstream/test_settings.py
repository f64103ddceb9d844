"""What the environment may say, and what each mistake is told."""

import pytest

from careerstream.settings import SettingsError, read_settings, variable_names


@pytest.fixture
def environment(monkeypatch):
    def put(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return variables

    return put


def test_an_empty_environment_starts_the_embedded_servers():
    settings = read_settings({})

    assert settings.embedded
    assert settings.kafka.prefix == "careers"


def test_naming_kafka_and_redis_leaves_embedded_mode(environment):
    named = environment(CAREERSTREAM_KAFKA__BOOTSTRAP="k:9092", CAREERSTREAM_REDIS__URL="redis://r:6379/0")

    assert not read_settings(named).embedded


def test_a_misspelt_name_stops_the_start_and_is_told_the_right_one():
    with pytest.raises(SettingsError, match="did you mean CAREERSTREAM_REDIS__URL"):
        read_settings({"CAREERSTREAM_REDIS__ULR": "redis://r"})


def test_a_wrong_value_is_told_with_the_variables_name(environment):
    named = environment(CAREERSTREAM_KAFKA__PARTITIONS="many")

    with pytest.raises(SettingsError, match="CAREERSTREAM_KAFKA__PARTITIONS"):
        read_settings(named)


def test_names_of_other_programs_are_none_of_our_business():
    assert read_settings({"PATH": "/bin"}).embedded


def test_a_password_is_never_shown(environment):
    named = environment(CAREERSTREAM_REDIS__PASSWORD="s3cret", CAREERSTREAM_KAFKA__SASL_PASSWORD="s3cret")

    assert "s3cret" not in repr(read_settings(named))


def test_sasl_over_tls_reaches_every_kafka_client(environment):
    named = environment(
        CAREERSTREAM_KAFKA__SECURITY_PROTOCOL="SASL_SSL",
        CAREERSTREAM_KAFKA__SASL_USERNAME="worker",
        CAREERSTREAM_KAFKA__SASL_PASSWORD="s3cret",
    )

    options = read_settings(named).kafka.client_options("k:9093")

    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert options["sasl_plain_password"] == "s3cret"
    assert options["ssl_context"].verify_mode.name == "CERT_REQUIRED"


def test_every_setting_is_a_variable_with_a_description():
    assert "CAREERSTREAM_KAFKA__BOOTSTRAP" in set(variable_names())


@pytest.mark.parametrize("text", ["6", "6.0", "PT6S"])
def test_a_duration_is_a_number_of_seconds(environment, text):
    named = environment(CAREERSTREAM_WORKER__SESSION_TIMEOUT=text)

    assert read_settings(named).worker.session_timeout.total_seconds() == 6
