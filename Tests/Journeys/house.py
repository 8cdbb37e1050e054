"""What people do in the portal, in their own words."""
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

PASSWORD = "kechuang-demo"


class Browser:
    def __init__(self, driver, address):
        self.driver = driver
        self.address = address

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
            WebDriverWait(self.driver, 10, 0.05, [WebDriverException]).until(
                lambda _: not missing())
        except TimeoutException:
            assert not missing(), f"'{missing()[0]}' is not on {self.path}:\n{self.text[:3000]}"

    def sign_in(self, login, password=PASSWORD):
        self.driver.delete_all_cookies()
        self.visit("/sign-in")
        self.fill(login=login, password=password)
        self.press("登录", within="main")
        assert self.path == "/work", self.text

    def field(self, name):
        return self.driver.find_element(By.NAME, name)

    def fill(self, values=None, **named):
        for name, value in {**(values or {}), **{key.replace("_", "-"): value for key, value in named.items()}}.items():
            element = self.field(name)
            kind = element.get_attribute("type")
            if element.tag_name == "select":
                Select(element).select_by_value(value)
            elif kind in ("radio", "checkbox"):
                chosen = self.driver.find_element(By.CSS_SELECTOR, f"[name='{name}'][value='{value}']")
                if not chosen.is_selected():
                    chosen.click()
            elif kind == "date":
                self.set_date(element, value)
            elif kind == "file":
                element.send_keys(value)
            else:
                element.clear()
                element.send_keys(value)

    def set_date(self, element, value):
        year, month, day = value.split("-")
        element.clear()
        element.send_keys(f"{month}{day}{year}")
        assert element.get_attribute("value") == value, element.get_attribute("value")

    def press(self, words, within="body", index=0):
        """Presses the button or follows the link with these words, and waits for the next page."""
        scope = self.driver.find_element(By.CSS_SELECTOR, within)
        # To ask every link of a page what it shows takes longer than the page: only those that hold the words are asked.
        named = f"[self::button or self::a or self::summary][contains(normalize-space(.), {quoted(words)})]"
        found = [e for e in scope.find_elements(By.XPATH, f".//*{named}") if words == e.text.strip()]
        assert found, f"nothing says '{words}' on {self.path}:\n{self.text[:3000]}"
        self.follow(found[index])

    def follow(self, element, seconds=20):
        """Clicks, and waits for the page that it leads to: a click may return before that."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.driver, seconds, 0.05).until(lambda _: element_is_gone(page, element))
        self.settle()

    def settle(self):
        """Waits until the page is there to its foot."""
        WebDriverWait(self.driver, 20, 0.05).until(
            lambda driver: driver.find_elements(By.TAG_NAME, "footer") or "/health" in driver.current_url)

    def open(self, words):
        """Opens the details with these words, unless they are open."""
        for element in self.driver.find_elements(By.TAG_NAME, "summary"):
            if element.text.strip() == words:
                if element.find_element(By.XPATH, "..").get_attribute("open") is None:
                    element.click()
                return
        raise AssertionError(f"there is nothing to open named '{words}' on {self.path}:\n{self.text[:2000]}")

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


def quoted(words):
    """A text as XPath writes it, which has no escapes."""
    return "concat(" + ", '\"', ".join(f'"{part}"' for part in words.split('"')) + ", '')"


def element_is_gone(page, element):
    try:
        if element.tag_name == "summary":
            return True
        page.is_enabled()
        return False
    except WebDriverException:
        return True
