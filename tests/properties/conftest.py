"""How laws are tried: without a tracer's second run."""

from hypothesis import Phase, settings

settings.register_profile(
    "laws",
    settings.get_profile("house"),
    max_examples=60,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
)
settings.load_profile("laws")
