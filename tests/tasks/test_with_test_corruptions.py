"""Tasks on a network that was tested on further test sets, which they have no use for."""

from nullfit.results.result import read_result
from tests.command_line import carry_out


def test_tasks_on_a_network_take_no_further_test_sets(tmp_path) -> None:
    words = ["model=mlp", "model.hidden=[4]", "data.train_limit=60", "data.test_limit=40"]
    words += ["trainer.max_epochs=2", "trainer.keep_epochs=[1,2]", "corruption=random_labels"]
    trained = carry_out(
        tmp_path, *words, "data.test_corruptions=[random_pixels]", "study=s", "logger=csv"
    )
    assert trained.code == 0, trained.err
    (run,) = (tmp_path / "outputs" / "s").iterdir()
    for task in ("rewind", "prediction_depth"):
        answer = carry_out(tmp_path, f"task={task}", f"{task}.run={run}", "logger=csv")
        assert answer.code == 0, answer.err
        (folder,) = (tmp_path / "outputs" / "s").glob(f"{task}-*")
        assert read_result(folder)["task"] == task
