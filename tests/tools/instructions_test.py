"""The instruction gate's verdicts."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import instructions  # noqa: E402

BASELINE = {"instructions_per_event": 1000.0, "matches_per_pass": 5, "compiler": "GCC: 12",
            "band_percent": 3.0}


class InstructionsTest(unittest.TestCase):
    def judge(self, **changes):
        measured = {k: BASELINE[k] for k in ("instructions_per_event", "matches_per_pass", "compiler")}
        return instructions.judge(dict(measured, **changes), BASELINE)

    def test_band(self):
        self.assertEqual(self.judge()[0], 0)
        self.assertEqual(self.judge(instructions_per_event=1029.0)[0], 0)
        code, text = self.judge(instructions_per_event=1031.0)
        self.assertEqual(code, 1)
        self.assertIn("+3.1 %", text)

    def test_better_is_told(self):
        code, text = self.judge(instructions_per_event=900.0)
        self.assertEqual(code, 0)
        self.assertIn("better", text)

    def test_other_work_is_no_comparison(self):
        code, text = self.judge(matches_per_pass=6)
        self.assertEqual(code, 1)
        self.assertIn("6 matches, baseline 5", text)

    def test_other_compiler_skips_aloud(self):
        code, text = self.judge(compiler="clang", instructions_per_event=9000.0)
        self.assertEqual(code, 0)
        self.assertTrue(text.startswith("SKIPPED"))

    def test_totals(self):
        self.assertEqual(instructions.total_of("events: Ir\nsummary: 12345\n"), 12345)
        self.assertEqual(instructions.total_of("events: Ir\n\ntotals: 77\n"), 77)
        with self.assertRaises(RuntimeError):
            instructions.total_of("nothing")


if __name__ == "__main__":
    unittest.main()
