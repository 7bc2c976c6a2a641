"""What each kind of augmentation imitates, how far it goes, and when it makes a label wrong."""

from __future__ import annotations

from core.spec import Augmentation

# Of the pictures in `core.lessons.photos`: a nine.
DIGIT = "Handwritten digit"
# The six of the course; brightness and contrast come with "All settings".
OPERATIONS = ("rotate", "mirror", "zoom", "crop", "erase", "noise")
IMITATES = {
    "rotate": "Another pose: the camera was held at an angle, or the thing itself leans.",
    "mirror": "Another pose: the same thing, seen from its other side.",
    "zoom": "Another distance: the thing is nearer or farther away.",
    "crop": "Another framing: only a part of the thing is in the picture.",
    "brightness": "Other light: a darker or a brighter day.",
    "erase": "Something stands in front of it (occlusion).",
    "contrast": "Other light: mist, or hard sun.",
    "noise": "A poor camera, or too little light: grain.",
}
# Up to this strength no 9 can be taken for another digit. A quarter turn either way is the most: turned farther, it
# comes near a 6. A mirrored 9 is no digit at all. Of one that is cut or covered by more, too little may be left.
LARGEST_SAFE = {"rotate": 0.5, "mirror": 0.0, "crop": 0.5, "erase": 0.5}
_FAR = 0.3


def operation(name: str, strength: float) -> Augmentation:
    """One kind of change alone; raises `UserError` for a name or strength that there is not."""
    return Augmentation.parse({name: strength})


def reach(name: str, strength: float) -> str:
    """How far a change goes at a strength from 0 to 1, in words; as `core.network.augmentation` sets Keras' layers."""
    if not strength:
        return "Nothing is changed."
    match name:
        case "rotate":
            return f"Turned by up to {180 * strength:.3g}° either way."
        case "mirror":
            also = ", and top and bottom," if strength > 0.5 else ""
            return f"Left and right{also} are swapped in half of the versions."
        case "zoom":
            return f"Shows {100 - 50 * strength:.3g} % to {100 + 50 * strength:.3g} % of the height and width."
        case "crop":
            return f"Shows {100 - 50 * strength:.3g} % of the height and width, from anywhere in it."
        case "brightness":
            return f"All numbers of a version go up or down by up to {127.5 * strength:.0f} of 255."
        case "erase":
            covered = 100 * max(0.02, 0.4 * strength)
            return f"A grey rectangle covers up to {covered:.3g} % of it, in half of the versions."
        case "contrast":
            low, high = 100 - 80 * strength, 100 + 80 * strength
            return f"Light and dark differ by {low:.3g} % to {high:.3g} % of what they did."
        case _:
            return f"A random number is added to each; most of them are below {51 * strength:.0f} of 255."


def keeps_nine(name: str, strength: float) -> bool:
    """Whether no version of a 9 can be taken for another digit, or for none."""
    return strength <= LARGEST_SAFE.get(name, 1.0)


def largest_turn_found(name: str, strength: float) -> bool:
    """Whether the strength turns a 9 far, but never so far that it could be a 6."""
    return name == "rotate" and _FAR < strength <= LARGEST_SAFE["rotate"]
