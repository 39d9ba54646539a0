"""``task=kernel``: exact solutions of (K + λI)A = Y for a kernel matrix K."""
