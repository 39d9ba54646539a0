"""Where the jobs of a grid are carried out: in processes, on a cluster, in Ray."""
