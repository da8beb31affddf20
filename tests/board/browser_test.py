#!/usr/bin/env python3
"""The board's page in headless Chromium, against the real program. Usage, from the top of the tree:
browser_test.py PATH_TO_VEDETTE [--screenshots FOLDER]. Needs Debian's chromium-driver and
python3-selenium."""
import json
import os
import sys
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from served import Served, token_of  # noqa: E402

VEDETTE = None
SCREENSHOTS = None
PATIENCE = 15

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
HOSTILE_EVENTS = [
    HOSTILE,
    "\"'`&lt;${1}</style></title>",
    "invoice\u202egnp.exe \u200bhidden\u0007bell",
    "A" * 3000,
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
]
HOSTILE_RULE = """
title: Odd command
id: 6f7d0c1e-52b1-4c39-8e0a-aa5b64b1f001
level: high
tags: [attack.execution, attack.t1059]
references: ['javascript:alert(1)', 'https://example.org/about']
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: 'odd.exe'}
  condition: selection
"""


def new_browser(size=(1400, 1000), dark=False):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=%d,%d" % size] + (["--no-sandbox"] if os.geteuid() == 0 else []):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    if dark:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark"}]})
    return browser


class Page:
    """What somebody does with the page."""

    def __init__(self, served, user, **kwargs):
        self.served = served
        self.browser = new_browser(**kwargs)
        self.browser.get(served.url)
        self.wait("#token").send_keys(token_of(user))
        self.click("form button[type=submit]")
        self.wait("#user")

    def close(self):
        """What the console holds that should not be there."""
        complaints = [entry["message"] for entry in self.browser.get_log("browser")
                      if entry["level"] in ("SEVERE", "WARNING")]
        self.browser.quit()
        return complaints

    def until(self, condition, what):
        waiting = WebDriverWait(self.browser, PATIENCE, 0.1,
                                ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: condition(), what)

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, selector):
        return self.until(lambda: next(iter(self.all(selector)), None), "no " + selector)

    def click(self, selector):
        def click():
            found = self.all(selector)
            if not found:
                return False
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found[0])
            found[0].click()
            return True
        self.until(click, "cannot click " + selector)

    def text(self, selector="main"):
        """What can be read there now; the page may be drawn anew meanwhile."""
        return self.until(lambda: (self.wait(selector).text,), selector)[0]

    def says(self, text, selector="main"):
        self.until(lambda: text in self.text(selector), "%r is not in %s" % (text, selector))

    def go(self, view):
        self.browser.get(self.served.url + "#/" + view)
        self.until(lambda: self.wait("main").get_attribute("aria-busy") == "false", view)

    def open_first(self):
        self.go("queue")
        self.click(".row-link")
        self.wait(".incident-head")

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.wait("dialog [id='field-%s']" % name)
            if field.tag_name == "select":
                Select(field).select_by_value(value)
            else:
                field.clear()
                field.send_keys(value)

    def send(self, **fields):
        self.fill(**fields)
        self.click("#dialog-send")

    def shot(self, name):
        if SCREENSHOTS:
            os.makedirs(SCREENSHOTS, exist_ok=True)
            self.browser.save_screenshot(os.path.join(SCREENSHOTS, name + ".png"))


class BrowserTest(unittest.TestCase):
    def setUp(self):
        self.pages = []
        self.served = None
        self.expected = 0  # answers other than 2xx, which the browser puts on its console

    def serve(self, *args):
        self.served = Served(VEDETTE, *args)
        self.served.wait_until_read()
        return self.served

    def open(self, user, **kwargs):
        self.pages.append(Page(self.served, user, **kwargs))
        return self.pages[-1]

    def tearDown(self):
        try:
            self.close()
        finally:
            self.served.__exit__()

    def close(self):
        complaints = [text for page in self.pages for text in page.close()]
        refused = [text for text in complaints if "Failed to load resource" in text]
        self.assertEqual([c for c in complaints if c not in refused], [])
        self.assertEqual(len(refused), self.expected, refused)


class DemoTest(BrowserTest):
    """The bundled day."""

    def test_from_the_queue_to_a_verdict_on_record(self):
        served = self.serve()
        page = self.open("ada")
        page.says("16 open incidents")
        rows = page.all(".row")
        self.assertEqual(len(rows), 16)
        self.assertIn("critical", rows[0].text)
        self.assertIn("wks-anna", rows[0].text)
        page.shot("queue")
        page.wait("#search").send_keys("web-01")
        page.until(lambda: len(page.all(".row")) == 1, "the search")
        page.wait("#search").send_keys(Keys.CONTROL + "a" + Keys.DELETE)

        page.open_first()
        page.says("42 alerts", ".incident-head")
        self.assertEqual(len(page.all(".dot")), 42)
        self.assertEqual(len(page.all(".alert-title")), 42)
        page.click(".alert-title")
        page.says("WINWORD.EXE", "#panel")
        page.says("selection_writer", "#panel")
        page.says("xxh64:", "#panel")
        page.shot("incident")
        page.click("#tab-graph")
        page.until(lambda: len(page.all(".node")) > 20, "nodes")
        page.says("wks-anna", "#graph")
        page.says("powershell.exe", "#graph")
        page.click("#kind-process")
        page.until(lambda: "powershell.exe" not in page.text("#graph"), "hidden processes")
        page.click(".node.type-device")
        page.wait("#node-alerts .alert-title")
        page.shot("graph")
        page.click("#tab-matrix")
        page.says("T1003.001", "#matrix")
        page.says("Credential access", "#matrix")

        page.click("#change-acknowledge")
        page.says("in progress", ".incident-head")
        page.click("#change-resolve")
        page.send(verdict="true_positive", reason="dump of credentials")
        page.says("resolved", ".incident-head")
        page.says("true positive", ".incident-head")
        page.click("#tab-log")
        page.says("dump of credentials", ".log")
        page.go("queue")
        page.says("15 open incidents")
        page.click("#filter-done")
        page.says("true positive", ".row")
        page.go("rules")
        page.says("of them judged")
        self.assertNotIn(" 0 of them judged", page.text())
        page.go("health")
        page.says("without events of the log source")
        page.shot("health")
        page.go("audit")
        page.says("incident.resolve")
        page.shot("audit")
        self.assertTrue(served.verify())
        with open(served.audit, encoding="utf-8") as file:
            entries = [json.loads(line)["data"] for line in file]
        resolved = [e for e in entries if e.get("action", {}).get("name") == "incident.resolve"]
        self.assertEqual([(e["actor"]["id"], e["allowed"], e["reason"]) for e in resolved],
                         [("ada", True, "dump of credentials")])

    def test_a_change_of_what_was_not_seen_is_refused(self):
        served = self.serve()
        page = self.open("ada")
        page.open_first()
        page.click("#change-resolve")
        incident = served.get("/api/queue")["incidents"][0]
        self.assertEqual(served.post(
            "/api/incidents/%s/assign" % incident["incident_id"],
            {"version": incident["version"], "assignee": "bob"}, user="bob"), 200)
        # The form is still open over a page that shows the newer incident by now: the version
        # of the form is that of the page, so this one is not stale.
        page.says("bob", ".incident-head")
        page.click("#dialog-cancel")
        # A page that hears no news.
        page.browser.execute_script(
            "const ask = window.fetch; window.fetch = (path, options) =>"
            "  options?.method === 'POST' ? ask(path, options) : new Promise(() => {});")
        # The question that waits for news was asked before; what it leads to is not answered.
        self.assertEqual(served.post(
            "/api/incidents/%s/assign" % incident["incident_id"],
            {"version": incident["version"] + 1, "assignee": "lea"}, user="bob"), 200)
        page.click("#change-resolve")
        page.send(verdict="benign", reason="I did not see that lea has it")
        page.says("Somebody has changed this incident meanwhile", "dialog .error")
        page.shot("stale")
        self.assertEqual(served.get("/api/queue")["incidents"][0]["state"], "in_progress")
        self.expected += 1

    def test_news_come_by_themselves_and_the_server_may_go(self):
        served = self.serve()
        page = self.open("bob")
        page.says("16 open incidents")
        incident = served.get("/api/queue")["incidents"][3]
        served.post("/api/incidents/%s/assign" % incident["incident_id"],
                    {"version": incident["version"], "assignee": "bob"}, user="lea")
        page.says("with bob")
        served.stop()
        page.says("does not answer", ".banner")
        page.shot("gone")
        page.browser.get_log("browser")  # which says so, too

    def test_a_playbook_asks_a_second_person(self):
        served = self.serve()
        bob = self.open("bob")
        bob.open_first()
        bob.click("#tab-playbooks")
        bob.click("#start-runs button")
        bob.fill(mode="live", __host__="ws-7", __attacker__="198.51.100.7")
        bob.click("#dialog-send")
        bob.says("running", ".story")
        with open(served.commands, encoding="utf-8") as file:
            self.assertEqual(json.loads(file.read())["command"]["action"], "query")
        bob.go("response")
        bob.click("#commands button")
        bob.send(status="200", results='{"__infected__": true, "__tries__": 1}')
        bob.says("contain device ws-7", "#approvals")
        bob.shot("response")
        bob.click("#approvals button.primary")
        bob.send(reason="my own run")
        bob.says("who started the run cannot approve its commands", "dialog .error")
        self.expected += 1
        bob.click("#dialog-cancel")
        lea = self.open("lea")
        lea.go("response")
        lea.click("#approvals button.primary")
        lea.says("contain device ws-7", "dialog")
        lea.send(reason="seen")
        bob.says("contain device ws-7", "#commands")
        with open(served.commands, encoding="utf-8") as file:
            actions = [json.loads(line)["command"]["action"] for line in file]
        self.assertEqual(actions, ["query", "contain"])
        # The address needs two.
        lea.click("#approvals button.primary")
        lea.send(reason="seen")
        lea.says("1 of 2: lea", "#approvals")
        peer = self.open("max")
        peer.go("response")
        peer.click("#approvals button.primary")
        peer.send(reason="seen, too")
        peer.says("deny ipv4_net 198.51.100.7", "#commands")
        lea.says("No command waits for an approval.", "#approvals")
        self.assertTrue(served.verify())

    def test_a_dry_run_hands_nothing_out(self):
        served = self.serve()
        page = self.open("lea")
        page.open_first()
        page.click("#tab-playbooks")
        page.click("#start-runs button")
        page.fill(__host__="ws-7", __attacker__="198.51.100.7")
        page.click("#dialog-send")
        page.says("dry run", ".story")
        self.assertEqual(os.path.getsize(served.commands), 0)

    def test_what_needs_four_eyes(self):
        served = self.serve()
        lea = self.open("lea")
        lea.open_first()
        lea.click("#change-resolve")
        lea.send(verdict="true_positive")
        lea.click("#change-close")
        lea.send(reason="done")
        lea.says("needs a second person", "#toasts")
        lea.says("a second person must agree", ".incident-head")
        peer = self.open("max")
        peer.go("response")
        peer.click("[data-proposal] button.primary")
        lea.says("closed", ".incident-head")
        self.assertTrue(served.verify())

    def test_by_keyboard_alone(self):
        served = self.serve()
        page = self.open("ada")
        page.says("16 open incidents")
        body = page.wait("body")
        body.send_keys("j")
        first = page.browser.switch_to.active_element
        self.assertEqual(first.get_attribute("class"), "row-link")
        first.send_keys(Keys.ENTER)
        page.wait(".incident-head")
        page.wait("#change-assign").send_keys(Keys.ENTER)
        field = page.wait("dialog #field-assignee")
        self.assertEqual(field.get_attribute("value"), "ada")
        field.send_keys(Keys.ENTER)
        page.says("Assigned to", ".incident-head")
        page.until(lambda: page.browser.switch_to.active_element.get_attribute("id") ==
                   "change-assign", "focus comes back")
        page.wait(".dot").send_keys(Keys.ENTER)
        page.wait("#panel h3")

    def test_narrow_and_dark(self):
        served = self.serve()
        page = self.open("ada", size=(500, 900), dark=True)
        page.says("16 open incidents")
        for view in ["queue", "matrix", "rules", "response", "health", "audit"]:
            page.go(view)
            page.shot("narrow-" + view)
            wide = page.browser.execute_script(
                "return document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(wide, 0, view)
        page.open_first()
        page.click(".alert-title")
        page.wait("#panel h3")
        page.shot("narrow-incident")
        self.assertLessEqual(page.browser.execute_script(
            "return document.documentElement.scrollWidth - innerWidth"), 0)


class LoginTest(BrowserTest):
    def test_the_cookie_is_out_of_reach_and_no_address_has_a_secret(self):
        served = self.serve()
        page = self.open("ada")
        self.assertEqual(page.browser.execute_script("return document.cookie"), "")
        stored = page.browser.execute_script("return JSON.stringify({...localStorage})")
        self.assertNotIn(token_of("ada"), stored)
        cookie = page.browser.get_cookies()[0]
        self.assertTrue(cookie["httpOnly"])
        self.assertEqual(cookie["sameSite"], "Strict")
        self.assertNotEqual(cookie["value"], token_of("ada"))
        asked = page.browser.execute_script(
            "return performance.getEntriesByType('resource').map((e) => e.name)")
        self.assertGreater(len(asked), 5)
        for address in asked + [page.browser.current_url]:
            self.assertTrue(address.startswith(served.url), address)
            self.assertNotIn(token_of("ada"), address)
            self.assertNotIn(cookie["value"], address)
        page.click("header button")
        page.wait("#token").send_keys("x" * 40 + Keys.ENTER)
        page.says("not a token", ".login")
        self.expected += 1

    def test_a_session_that_ended_leads_to_the_form(self):
        served = self.serve()
        page = self.open("ada")
        page.browser.delete_all_cookies()
        page.browser.refresh()
        page.wait("#token")
        self.expected += 1


class HostileTest(BrowserTest):
    def test_text_of_events_stays_text(self):
        with tempfile.TemporaryDirectory() as folder:
            rule = os.path.join(folder, "rule.yml")
            events = os.path.join(folder, "events.jsonl")
            with open(rule, "w", encoding="utf-8") as file:
                file.write(HOSTILE_RULE)
            with open(events, "w", encoding="utf-8") as file:
                for i, text in enumerate(HOSTILE_EVENTS):
                    file.write(json.dumps({
                        "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                        "UtcTime": "2026-11-25 10:00:%02d.000" % i, "Computer": text[:200],
                        "User": text, "CommandLine": text, "Image": "C:\\x\\" + text + "odd.exe",
                        "ProcessGuid": "{%d}" % i}) + "\n")
            served = self.serve(events, rule)
            page = self.open("ada")
            page.says("5 open incidents")
            page.shot("hostile-queue")
            shown = page.text()
            self.assertIn("<script>document.title='owned'</script>", shown)
            self.assertIn("\u27e8U+202E\u27e9", shown)
            links = [a.get_attribute("href") for a in page.all(".row-link")]
            for link in links:
                page.browser.get(link)
                page.click(".alert-title")
                page.wait("#panel h3")
                page.click("#raw summary")
                page.click("#tab-graph")
                page.wait(".node")
                page.shot("hostile-incident-%d" % links.index(link))
                self.assertEqual(page.all("main script, main img, main style, main iframe"), [])
                self.assertEqual(
                    [a for a in page.all("main a")
                     if (a.get_attribute("href") or "").startswith("javascript")], [])
                page.says("javascript:alert(1)", "#panel")
                self.assertNotIn("owned", page.browser.title.split("<script>")[0])
                self.assertLessEqual(page.browser.execute_script(
                    "return document.documentElement.scrollWidth - innerWidth"), 0)
                self.assertNotRegex(page.text(), "[\u202a-\u202e\u200b\u0007]")


class EmptyTest(BrowserTest):
    def test_nothing_found_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            events = os.path.join(folder, "events.jsonl")
            with open(events, "w", encoding="utf-8") as file:
                file.write('{"a":1}\n')
            served = self.serve(events)
            page = self.open("ada")
            page.says("No incident: nothing in these events fits a rule.")
            for view in ["matrix", "rules", "response", "health", "audit"]:
                page.go(view)
            page.browser.get(served.url + "#/incident/" + "0" * 32)
            page.says("This cannot be shown")
            self.expected += 1


if __name__ == "__main__":
    VEDETTE = os.path.abspath(sys.argv.pop(1))
    if "--screenshots" in sys.argv:
        place = sys.argv.index("--screenshots")
        SCREENSHOTS = sys.argv[place + 1]
        del sys.argv[place:place + 2]
    unittest.main()
