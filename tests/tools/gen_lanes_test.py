"""The lanes of the macro benchmark: the same bytes for the same arguments, of the shapes they claim."""
import hashlib
import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import gen_lanes  # noqa: E402

# SHA-256 of the first 500 events of each lane, first 16 digits. A change of the lanes changes every
# figure in docs/benchmarks.md: measure again.
CHECKSUMS = {
    "raw_windows": "aae901877e76ab26",
    "structured_windows": "6b912ad471baf4bc",
    "low_match": "8446e0da6de76483",
    "match_heavy": "3394d414876d7646",
    "mixed_schema": "58f7569f540629d1",
    "no_match": "063d96ef37b0ec32",
    "cisco_syslog": "158c503629e6e232",
    "sysmon_file_event": "bbbeb3fc672b7b3d",
    "correlation": "24195742d12d387f",
}
KEYS = {"raw_windows": 2, "structured_windows": 18, "low_match": 18, "match_heavy": 18,
        "mixed_schema": 10.25, "no_match": 9, "cisco_syslog": 3, "sysmon_file_event": 12,
        "correlation": 7}


def lane_bytes(lane, count, **options):
    out = io.StringIO(newline="")
    gen_lanes.write_lane(out, lane, count, **options)
    return out.getvalue().encode()


class GenLanesTest(unittest.TestCase):
    def test_bytes_are_those_that_were_measured(self):
        found = {lane: hashlib.sha256(lane_bytes(lane, 500)).hexdigest()[:16]
                 for lane in gen_lanes.LANES}
        self.assertEqual(found, CHECKSUMS)

    def test_same_arguments_same_bytes(self):
        for lane in gen_lanes.LANES:
            self.assertEqual(lane_bytes(lane, 50, seed=5, fresh=0.3), lane_bytes(lane, 50, seed=5, fresh=0.3))
            self.assertNotEqual(lane_bytes(lane, 50, seed=5), lane_bytes(lane, 50, seed=6))

    def test_more_events_begin_with_fewer(self):
        for lane in gen_lanes.LANES:
            self.assertTrue(lane_bytes(lane, 60).startswith(lane_bytes(lane, 20)))

    def test_keys_and_sizes(self):
        self.assertEqual(set(KEYS), set(gen_lanes.LANES))
        for lane, (_, _, _, size) in gen_lanes.LANES.items():
            texts = list(gen_lanes.lane_events(lane, 2000))
            self.assertEqual(sum(len(json.loads(t)) for t in texts) / len(texts), KEYS[lane], lane)
            mean = sum(len(t) for t in texts) / len(texts)
            self.assertLess(abs(mean - size) / size, 0.07, (lane, mean))

    def test_share_of_suspicious_events(self):
        lines = [json.loads(t)["CommandLine"] for t in gen_lanes.lane_events("match_heavy", 3000)]
        suspicious = {line for _, line in gen_lanes.SUSPICIOUS}
        share = sum(line in suspicious for line in lines) / len(lines)
        self.assertLess(abs(share - 0.8), 0.03)

    def test_fresh_values_repeat_less(self):
        def distinct(fresh):
            return len({json.loads(t)["CommandLine"]
                        for t in gen_lanes.lane_events("structured_windows", 1000, fresh=fresh)})
        self.assertLess(distinct(0.0), 20)
        self.assertTrue(250 < distinct(0.3) < 350, distinct(0.3))
        self.assertGreater(distinct(1.0), 990)

    def test_all_writes_every_lane(self):
        with tempfile.TemporaryDirectory() as folder:
            gen_lanes.main(["--all", folder, "--count", "3"])
            self.assertEqual(sorted(os.listdir(folder)),
                             sorted(lane + ".jsonl" for lane in gen_lanes.LANES))
            with open(os.path.join(folder, "no_match.jsonl"), "rb") as file:
                self.assertEqual(file.read(), lane_bytes("no_match", 3))


if __name__ == "__main__":
    unittest.main()
