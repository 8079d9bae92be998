from __future__ import annotations

import pytest

from pulsegate.reference_server.settings import OPTIONS, Settings, SettingsError, read_settings


def test_defaults_are_those_of_the_reference_profile():
    """Without flags or environment the documented values hold."""
    settings = read_settings({}, {})

    assert (settings.heartbeat_s, settings.word_gap_ms) == (30.0, 50.0)
    assert (settings.frame_bytes, settings.body_bytes) == (1_048_576, 262_144)
    assert (settings.messages_per_s, settings.requests_per_min) == (100.0, 600)
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.streams


def test_flag_wins_over_environment():
    """What is typed counts more than what is set."""
    settings = read_settings({"heartbeat_s": "2"}, {"PULSEGATE_REF_HEARTBEAT": "3", "PULSEGATE_REF_PORT": "81"})

    assert (settings.heartbeat_s, settings.port) == (2.0, 81)


def test_environment_variables_follow_the_flags():
    """Every setting has a variable, named like its flag."""
    variables = {option.flag: option.variable for option in OPTIONS}

    assert variables["--word-gap-ms"] == "PULSEGATE_REF_WORD_GAP_MS"
    assert variables["--cors-origin"] == "PULSEGATE_REF_CORS_ORIGIN"
    assert len({option.variable for option in OPTIONS}) == len(OPTIONS)


def test_secret_comes_from_its_variable_and_is_never_shown():
    """The secret is not part of the printed settings."""
    settings = read_settings({}, {"PULSEGATE_JWT_SECRET": "hush"})

    assert settings.jwt_secret == "hush"
    assert settings.jwt_secret_given
    assert "hush" not in repr(settings)


def test_made_up_secrets_differ():
    """Without a secret each server has one that nobody knows."""
    assert Settings().jwt_secret != Settings().jwt_secret


def test_origins_are_separated_by_commas():
    """Several origins fit into one variable."""
    settings = read_settings({}, {"PULSEGATE_REF_CORS_ORIGIN": "https://a.example, http://b.example:81"})

    assert settings.cors_origins == ("https://a.example", "http://b.example:81")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "८०"),
        ("heartbeat_s", "nan"),
        ("heartbeat_s", "inf"),
        ("heartbeat_s", "0"),
        ("word_gap_ms", "-1"),
        ("word_gap_ms", "fast"),
        ("body_bytes", "0"),
        ("frame_bytes", "1.5"),
        ("cors_origins", "*"),
        ("cors_origins", "http://a.example/path"),
        ("cors_origins", ""),
        ("streams", "maybe"),
        ("log_level", "loud"),
        ("host", " "),
    ],
)
def test_wrong_value_is_one_sentence_with_its_name(name, text):
    """The error names the setting, what was given and what it must be."""
    with pytest.raises(SettingsError) as problem:
        read_settings({name: text}, {})

    assert repr(text) in str(problem.value)
    assert "must" in str(problem.value)
