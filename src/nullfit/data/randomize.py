"""From a data set to the tensors that a network is trained and tested on.

The order is the study's: crop, corrupt, whiten. Random crops and augmentation take the place of the
crop, or come before it. Only the training set's labels are ever corrupted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nullfit.corruptions.corruption import TEST_INDEX, Origin, account_of
from nullfit.corruptions.step import Step
from nullfit.data.draw import Draw
from nullfit.data.image_set import Dataset, ImageSet, origin_of
from nullfit.data.leave_out import Kept, kept_samples
from nullfit.data.limit import SUBSET_SEED
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.data.streaming.survey import survey
from nullfit.data.subset import stratified_split
from nullfit.seeds import derive


def randomize(
    dataset: Dataset,
    steps: Sequence[Step],
    seed: int,
    preprocessing: Preprocessing | None = None,
    val_fraction: float = 0.0,
    fresh: bool = False,
    other_tests: Mapping[str, Step] | None = None,
    leave_out: str | None = None,
) -> RandomizedData:
    """Crop, corrupt and whiten every split.

    The randomization follows from ``seed`` alone, and what becomes of a sample from its place in
    the source: it is the same in any subset. It is drawn once; with ``fresh`` the result's
    ``redraw(epoch)`` gives the training split of another epoch. A stratified ``val_fraction`` of
    the training set is held out; like the test set it keeps its labels. Each of ``other_tests``
    makes another test set of the clean one. Training samples that the file ``leave_out`` names are
    left out at the end: corruption and whitening are those of the whole set, so that what stays is
    what it was.

    Raises:
        UserError: the images are smaller than the crop, a corruption changed test labels, or
            ``leave_out`` does not fit the training set.
    """
    train_set, val_set = dataset.train, None
    if val_fraction:
        fitted, held_out = stratified_split(
            train_set.labels, val_fraction, SUBSET_SEED, key="data.val_fraction"
        )
        train_set, val_set = train_set.selection(fitted), train_set.selection(held_out)
    kept = None if leave_out is None else kept_samples(train_set, leave_out)
    preprocessing = preprocessing or Preprocessing()
    first_seed = derive(seed, "fresh", 0) if fresh else seed
    draw = Draw(steps, preprocessing, first_seed, origin_of(train_set))
    draw = draw.measured(train_set)
    drawn = draw.of(train_set, "train")
    unwhitened = None if preprocessing.while_training else drawn.held()
    seen = survey(drawn.images, preprocessing, unwhitened)
    stay = None if kept is None else kept.indices
    examples = draw.examples(drawn, unwhitened, stay)
    train = replace(
        draw.train(drawn, seen.whitening, unwhitened),
        places=train_set.places,
        files=train_set.own_files,
    )
    train = train if stay is None else train.selection(stay)

    def redraw(epoch: int) -> Split:
        again = replace(draw, seed=derive(seed, "fresh", epoch)).of(train_set, "train")
        split = draw.train(again, seen.whitening)
        return split if stay is None else split.selection(stay)

    test, test_clean = draw.held_out(dataset.test, seen.whitening, TEST_INDEX)
    val = None
    if val_set is not None:
        val, _ = draw.held_out(val_set, seen.whitening, 0)
    tests = dict(other_tests or {})
    alone = Draw(list(tests.values()), preprocessing, seed, draw.origin).measured(train_set)
    others = {
        name: replace(alone, steps=[step]).other_test(dataset.test, seen.whitening, name)
        for name, step in tests.items()
    }
    channels, height, width = train_set.shape
    crop = preprocessing.crop
    return RandomizedData(
        name=dataset.name,
        classes=dataset.train.classes,
        input_shape=(channels, crop or height, crop or width),
        train=train,
        test=test,
        test_clean=test_clean,
        val=val,
        labels_changed=float(train.label_changed.double().mean()),
        images_changed=seen.images_changed,
        examples=examples,
        redraw=redraw if fresh else None,
        uncropped=(height, width),
        account=_account(dataset, train_set, steps, draw.origin, kept),
        other_tests=others,
        left_out=len(train_set) - len(train),
        whitening=seen.whitening,
    )


def _account(
    dataset: Dataset, train: ImageSet, steps: Sequence[Step], origin: Origin, kept: Kept | None
) -> str | None:
    """How the data were read, what corruptions and a list say of them, a line each."""
    own = origin.starting_at(0, train.places)
    lines = [
        account_of(step.corruption, train.labels, own) for step in steps if step.apply_to != "test"
    ]
    lines.append("" if kept is None else kept.account)
    return "\n".join(line for line in (dataset.account, *lines) if line) or None
