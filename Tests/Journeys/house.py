"""What people do in the portal, in their own words."""
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PASSWORD = "kechuang-demo"


# The buttons, links and headings of details in sight that say just this.
NAMED = """
const [within, words] = arguments;
return [...document.querySelector(within).querySelectorAll("button, a, summary")].filter(element =>
    element.textContent.includes(words.split(" ")[0]) && element.checkVisibility()
    && element.innerText.replaceAll("\\t", " ").trim() === words);
"""

# Fills in fields by name; gives the names of those that take files, or what is wrong with the first that cannot be.
FILL = """
const files = [];
for (const [name, value] of arguments[0]) {
    const named = [...document.getElementsByName(name)], element = named[0];
    if (!element) return `no field '${name}'`;
    if (element.type === "file") { files.push(name); continue; }
    if (["radio", "checkbox"].includes(element.type)) {
        const chosen = named.filter(box => [value].flat().map(String).includes(box.value));
        if (!chosen.length && !Array.isArray(value)) return `'${name}' has no '${value}'`;
        for (const box of chosen) if (!box.checked) box.click();
        continue;
    }
    if (element.disabled || element.readOnly || !element.checkVisibility()) return `'${name}' cannot be filled in`;
    element.value = [value].flat()[0];
    for (const event of ["input", "change"]) element.dispatchEvent(new Event(event, { bubbles: true }));
    if (element.value !== String(value).replaceAll("\\r\\n", "\\n")) return `'${name}' does not take '${value}'`;
}
return files;
"""


class Browser:
    def __init__(self, driver, address, javascript=True):
        self.driver = driver
        self.javascript = javascript
        self.address = address
        self.sessions = {}

    @property
    def text(self):
        return self.driver.execute_script("return document.body.innerText.replaceAll('\\t', ' ')")

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.address)

    def visit(self, path):
        self.driver.get(self.address + path)

    def see(self, *words):
        """Waits for these words."""
        def missing():
            text = self.text
            return [word for word in words if word not in text]
        try:
            WebDriverWait(self.driver, 60, 0.05, [WebDriverException]).until(
                lambda _: not missing())
        except TimeoutException:
            assert not missing(), f"'{missing()[0]}' is not on {self.path}:\n{self.text[:3000]}"

    def sign_in(self, login, language="zh"):
        """Is somebody from here on, at their desk."""
        if self.resume(login):
            self.visit("/work")
            if self.path == "/work":
                return
            self.driver.delete_all_cookies()
        self.visit(f"/sign-in?lang={language}")
        self.fill(login=login, password=PASSWORD)
        self.press({"zh": "登录", "en": "Sign in"}[language], within="main")
        assert self.path == "/work", self.text
        self.sessions[login] = self.driver.execute_cdp_cmd("Network.getCookies", {"urls": [self.address]})["cookies"]

    def resume(self, login):
        """Is nobody, or whom an earlier session is of: whether there is one."""
        self.driver.delete_all_cookies()
        if login in self.sessions:
            self.driver.execute_cdp_cmd("Network.setCookies", {"cookies": self.sessions[login]})
        return login in self.sessions

    def field(self, name):
        return self.driver.find_element(By.NAME, name)

    def fill(self, values=None, **named):
        """Fills in a form in one go, with the events that the page would hear: key by key takes longer than all the rest
        of a journey. A list is what is checked of the boxes there are."""
        values = {**(values or {}), **{key.replace("_", "-"): value for key, value in named.items()}}
        done = self.driver.execute_script(FILL, list(values.items()))
        assert isinstance(done, list), f"{done} on {self.path}:\n{self.text[:3000]}"
        for name in done:
            self.field(name).send_keys(values[name])

    def type(self, name, text):
        """Fills in a field as a person does, key by key; a day begins with its month."""
        element = self.field(name)
        element.clear()
        element.send_keys(text)

    def press(self, words, within="body", index=0):
        """Presses the button or follows the link with these words, and waits for the next page."""
        found = self.driver.execute_script(NAMED, within, words)
        assert found, f"nothing says '{words}' on {self.path}:\n{self.text[:3000]}"
        self.follow(found[index])

    def follow(self, element, seconds=120):
        """Clicks, and waits until the page that it leads to is there to its foot: a click may return before that."""
        stays = self.driver.execute_script("leaving = true; return arguments[0].tagName === 'SUMMARY'", element)
        element.click()
        if stays:
            return
        # A click at a page that is not drawn yet may go nowhere; one that arrives leaves the focus where it went.
        for _ in range(5):
            if not self.missed(element):
                break
            element.click()
        self.settle("typeof leaving === 'undefined'", seconds)

    def missed(self, element):
        try:
            return self.driver.execute_script(
                "return typeof leaving !== 'undefined' && document.activeElement !== arguments[0]", element)
        except WebDriverException:
            return False  # The page has gone, and the element with it.

    def settle(self, condition="true", seconds=120):
        """Waits until the page is there to its foot."""
        there = f"return {condition} && (document.querySelector('footer') !== null || location.pathname === '/health')"
        try:
            WebDriverWait(self.driver, seconds, 0.05, [WebDriverException]).until(
                lambda driver: driver.execute_script(there))
        except TimeoutException:
            state = self.driver.execute_script(
                "return [document.readyState, [...document.querySelectorAll(':invalid')].map(e => e.name)]")
            raise AssertionError(f"no other page came in {seconds} s after {self.path} {state}:\n{self.text[:3000]}")

    def open(self, words):
        """Opens the details with these words, unless they are open."""
        found = self.driver.execute_script(NAMED, "body", words)
        assert found, f"there is nothing to open named '{words}' on {self.path}:\n{self.text[:2000]}"
        if self.driver.execute_script("return !arguments[0].parentElement.open", found[0]):
            found[0].click()

    def first_case(self, words):
        """Opens the case on my list whose row holds these words."""
        self.visit("/work")
        for row in self.driver.find_elements(By.CSS_SELECTOR, "tbody tr"):
            if words in row.text:
                return self.follow(row.find_element(By.TAG_NAME, "a"))
        raise AssertionError(f"no case '{words}' in:\n{self.text}")

    def move_clock(self, days):
        self.visit("/demo")
        for step in (30, 14, 7, 3, 1):
            while days >= step:
                self.press(f"前进 {step} 天")
                days -= step
