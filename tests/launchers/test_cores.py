import pytest

from nullfit.launchers.cores import Share, divided


@pytest.mark.parametrize(
    ("cores", "n_jobs", "jobs", "threads", "share"),
    [
        (8, None, 20, None, Share(8, 1)),
        (8, 2, 20, None, Share(2, 4)),
        (8, 3, 20, None, Share(3, 2)),
        (8, None, 2, None, Share(2, 4)),
        (8, None, 20, 4, Share(2, 4)),
        (8, 8, 20, 4, Share(8, 4)),  # both are asked for
        (2, 5, 20, None, Share(5, 1)),
        (2, None, 20, 4, Share(1, 4)),
    ],
)
def test_all_cores_are_used_and_none_twice(
    tiny_config, monkeypatch, cores, n_jobs, jobs, threads, share
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    config = tiny_config(f"trainer.threads={'null' if threads is None else threads}")
    assert divided(cores, n_jobs, [config] * jobs) == share


def test_a_number_of_threads_in_the_environment_is_kept(tiny_config, monkeypatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert divided(8, None, [tiny_config()] * 20) == Share(4, 2)


def test_a_process_is_held_to_its_threads() -> None:
    assert Share(2, 3).environment["OMP_NUM_THREADS"] == "3"
