"""Repair this network: `patient(1)` to `patient(12)`, whose training goes wrong, and a check that measures a repair."""

from nn.practice.repair import PATIENTS, Checkup, Patient, patient

__all__ = ["PATIENTS", "Checkup", "Patient", "patient"]
