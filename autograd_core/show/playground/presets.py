"""Exercises on the playground, one or two for each notebook: a setting, a question, and what has to be reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    """An exercise. address: the settings as the page's address has them. goal: what the page checks.

    Of a goal, right: the least share of test rows; loss: the largest test loss; units: the most hidden units in all;
    keep: settings that must stay; alive: no unit is dead or saturated; penalty: the one that is chosen; stepped: the
    chain rule of a weight is open.
    """

    name: str
    notebook: str
    title: str
    question: str
    address: str
    goal: dict[str, Any] = field(default_factory=dict)


PRESETS = (
    Preset(
        "moons",
        "00_start",
        "Two moons",
        "Press Play. After how many steps are 98 % of the test rows right? Which unit draws which part of the line?",
        "data=moons",
        {"right": 0.98},
    ),
    Preset(
        "one_weight",
        "01_chain_rule",
        "The chain rule of one weight",
        "A single unit. Click the link of x₁: which two numbers does dL/dw multiply, and which rows add most to it?",
        "data=gaussians&net=",
        {"stepped": True},
    ),
    Preset(
        "circles",
        "02_logistic_unit_to_network",
        "From a unit to a network",
        "A single unit draws a straight line. Reach 95 % with hidden units, three at most, and x₁ and x₂ alone.",
        "data=circles&net=",
        {"right": 0.95, "units": 3, "keep": ["data", "features"]},
    ),
    Preset(
        "equal_weights",
        "03_neurons_to_matrices",
        "All weights equal",
        "All weights begin at 0.5, and all units stay alike. Why? Reach 95 % with this net.",
        "data=moons&net=4tanh&weights=equal",
        {"right": 0.95, "keep": ["data", "features", "net"]},
    ),
    Preset(
        "saturation",
        "04_activations",
        "Saturated units",
        "Large first weights: which units are saturated, and on how many rows? Reach 95 % with none.",
        "data=moons&net=4tanh-3tanh&weights=large",
        {"right": 0.95, "alive": True, "keep": ["data", "features", "net"]},
    ),
    Preset(
        "dying_relu",
        "05_relu_and_its_variants",
        "Dying ReLU",
        "Play: some units die. Click one: why does no step revive it? Reach 95 % with six living units.",
        "data=moons&net=6relu&weights=large&rate=3&seed=2",
        {"right": 0.95, "alive": True, "keep": ["data", "features", "sizes"]},
    ),
    Preset(
        "collapse",
        "06_why_non_linearity",
        "Linear layers collapse",
        "Two hidden layers, and the boundary stays straight. Why? Reach 95 % with layers of these sizes.",
        "data=xor&net=4linear-4linear",
        {"right": 0.95, "keep": ["data", "features", "sizes"]},
    ),
    Preset(
        "xor",
        "06_why_non_linearity",
        "XOR with few units",
        "One hidden unit cannot do it. Reach 90 % with two, and x₁ and x₂ alone. Does every seed lead there?",
        "data=xor&net=1tanh&noise=0.1",
        {"right": 0.9, "units": 2, "keep": ["data", "features"]},
    ),
    Preset(
        "rate",
        "07_gradient_descent",
        "The rate is too large",
        "A step too far makes the loss larger, not smaller. Bring the test loss below 0.1 by the rate alone.",
        "data=sine&features=x1&net=6tanh&rate=3",
        {"loss": 0.1, "keep": ["data", "features", "net", "rule", "weights", "batch"]},
    ),
    Preset(
        "by_hand",
        "08_backprop_by_hand",
        "Backpropagation by hand",
        "Compute dL/dw of a link to layer 1 for row 1 on paper, from the numbers of its unit. Then open the link.",
        "data=xor&net=2tanh&batch=1&pick=u.1.0",
        {"stepped": True},
    ),
    Preset(
        "spirals",
        "09_a_network_that_learns",
        "Two spirals",
        "The hardest of the sets. Reach 90 %: what helped, more units, more layers, other features, another optimiser?",
        "data=spirals&noise=0.05",
        {"right": 0.9, "keep": ["data"]},
    ),
    Preset(
        "features",
        "10_is_this_word_a_location",
        "Features by hand",
        "No hidden layer. Reach 95 % by ticking the right features.",
        "data=circles&net=",
        {"right": 0.95, "units": 0, "keep": ["data"]},
    ),
    Preset(
        "vanishing",
        "11_when_learning_fails",
        "The gradient vanishes",
        "Four layers, and nothing moves. In which layer is the gradient small? Reach 95 % with layers of these sizes.",
        "data=moons&net=3sigmoid-3sigmoid-3sigmoid-3sigmoid&lens=gradient",
        {"right": 0.95, "keep": ["data", "features", "sizes"]},
    ),
    Preset(
        "check",
        "12_checking_gradients",
        "Two ways to a gradient",
        "Open a link: do two values of the loss give the gradient of the chain rule? Find a weight where they differ.",
        "data=moons&net=4relu&noise=0.3",
        {"stepped": True},
    ),
    Preset(
        "one_row",
        "13_under_the_hood",
        "One row at a time",
        "Each step takes one row. Why is the loss rough? Reach 95 % all the same.",
        "data=moons&batch=1&rate=0.3",
        {"right": 0.95, "keep": ["data", "batch"]},
    ),
    Preset(
        "fast",
        "14_compiled",
        "Steps a second",
        "Play fast: how many steps a second does this net make? Add units: by how much does it slow down?",
        "data=circles&net=8relu-8relu-8relu&rate=0.03",
        {"right": 0.95},
    ),
    Preset(
        "penalty",
        "15_a_letter_from_the_letters_before",
        "Large weights, sure answers",
        "Without a penalty the weights of this unit grow and grow. Why? Reach 90 % with a penalty of L2.",
        "data=gaussians&net=&rate=1",
        {"right": 0.9, "penalty": "L2", "keep": ["data", "net"]},
    ),
    Preset(
        "product",
        "16_attention",
        "A product of inputs",
        "Attention multiplies what it reads. Reach 90 % of XOR without a hidden layer.",
        "data=xor&net=",
        {"right": 0.9, "units": 0, "keep": ["data"]},
    ),
    Preset(
        "optimiser",
        "17_a_gpt_of_our_own",
        "The step of the optimiser",
        "At this rate SGD hardly moves. Reach 95 % by another optimiser alone. Which gradients does Adam enlarge?",
        "data=circles&net=6tanh&rate=0.003",
        {"right": 0.95, "keep": ["data", "features", "net", "rate", "weights", "batch"]},
    ),
)


def preset_data() -> list[dict[str, Any]]:
    """The presets as data for the page."""
    return [asdict(preset) for preset in PRESETS]
