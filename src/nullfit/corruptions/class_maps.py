"""Which class is taken for which in the noisy-label papers, by the names of the classes."""

from collections.abc import Mapping, Sequence

from nullfit.errors import UserError, nearest, shown

ClassMap = Mapping[str | int, str | int]

# Patrini et al., "Making deep neural networks robust to label noise", CVPR 2017, arXiv 1609.03683,
# section 4.
_MNIST: ClassMap = {"7": "1", "2": "7", "5": "6", "6": "5", "3": "8"}
_CIFAR10: ClassMap = {
    "truck": "automobile",
    "bird": "airplane",
    "deer": "horse",
    "cat": "dog",
    "dog": "cat",
}
# The superclasses of CIFAR-100 (Krizhevsky 2009), their classes in the order of their numbers.
_CIFAR100_SUPERCLASSES = (
    ("beaver", "dolphin", "otter", "seal", "whale"),
    ("aquarium_fish", "flatfish", "ray", "shark", "trout"),
    ("orchid", "poppy", "rose", "sunflower", "tulip"),
    ("bottle", "bowl", "can", "cup", "plate"),
    ("apple", "mushroom", "orange", "pear", "sweet_pepper"),
    ("clock", "keyboard", "lamp", "telephone", "television"),
    ("bed", "chair", "couch", "table", "wardrobe"),
    ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    ("bear", "leopard", "lion", "tiger", "wolf"),
    ("bridge", "castle", "house", "road", "skyscraper"),
    ("cloud", "forest", "mountain", "plain", "sea"),
    ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    ("fox", "porcupine", "possum", "raccoon", "skunk"),
    ("crab", "lobster", "snail", "spider", "worm"),
    ("baby", "boy", "girl", "man", "woman"),
    ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    ("maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"),
    ("bicycle", "bus", "motorcycle", "pickup_truck", "train"),
    ("lawn_mower", "rocket", "streetcar", "tank", "tractor"),
)
_CIFAR100: ClassMap = {
    name: superclass[(place + 1) % len(superclass)]
    for superclass in _CIFAR100_SUPERCLASSES
    for place, name in enumerate(superclass)
}
_KNOWN = {"mnist": _MNIST, "cifar10": _CIFAR10, "cifar100": _CIFAR100}
# The names of all classes of such data, by which their map is found.
_CLASSES = {
    "mnist": set(map(str, range(10))),
    "cifar10": {*map(str, (*_CIFAR10, *_CIFAR10.values())), "frog", "ship"},
    "cifar100": set(map(str, _CIFAR100)),
}


def class_map(given: str | ClassMap | None, names: Sequence[str]) -> dict[int, int]:
    """Which class becomes which, by number.

    ``given`` is the name of a known map, or one from names to names, or numbers where no class has
    such a name; None: the known map of data with classes of these ``names``.

    Raises:
        UserError: there is no such map, or a class in it is not among ``names``.
    """
    if given is None:
        given = next((known for known, own in _CLASSES.items() if own == set(names)), None)
        if given is None:
            raise UserError(
                f"corruption.classes=null is impossible for these classes ({_some(names)}): only "
                f"those of {', '.join(_KNOWN)} have a map of their own.\n"
                f"Give one, e.g. 'corruption.classes={{{names[0]}: {names[-1]}}}'."
            )
    if isinstance(given, str):
        if given not in _KNOWN:
            text = f"corruption.classes={shown(given)} is no map."
            raise UserError(text + nearest(given, _KNOWN))
        given = _KNOWN[given]
    where = "corruption.classes"
    return {
        class_number(before, names, where): class_number(after, names, where)
        for before, after in given.items()
    }


def class_number(given: str | int, names: Sequence[str], where: str) -> int:
    """The number of a class by its name, or by that number where no class has such a name.

    Raises:
        UserError: there is no such class. ``where`` it was named is said in the message.
    """
    text = str(given).strip()
    if text in names:
        return names.index(text)
    if text.isdecimal() and int(text) < len(names):
        return int(text)
    raise UserError(f"{where}: there is no class {shown(given)}; there are {_some(names)}.")


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
