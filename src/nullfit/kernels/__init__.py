"""Exact solutions of (K + λI)A = Y for a kernel matrix K: built, factorized, refined."""
