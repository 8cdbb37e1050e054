import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("What a browser is called")
struct BrowserNameTests {
    static let edge = """
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 \
        Safari/537.36 Edg/128.0.2739.42
        """
    static let safari = """
        Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 \
        Safari/605.1.15
        """
    static let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    static let wechat = """
        Mozilla/5.0 (Linux; Android 14; PEPM00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 \
        Mobile Safari/537.36 MicroMessenger/8.0.49
        """
    static let phone = """
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
        CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1
        """

    static let known: [(agent: String, zh: String, en: String)] = [
        (edge, "Edge 128 · Windows", "Edge 128 · Windows"), (safari, "Safari 17 · macOS", "Safari 17 · macOS"),
        (firefox, "Firefox 128 · Linux", "Firefox 128 · Linux"), (wechat, "微信 8 · 安卓", "WeChat 8 · Android"),
        ("\(wechat) wxwork/4.1.28", "企业微信 4 · 安卓", "WeCom 4 · Android"),
        (phone, "Chrome 126 · iPhone", "Chrome 126 · iPhone"), ("curl/8.5.0", "curl/8.5.0", "curl/8.5.0"),
        ("", "未知设备", "unknown device"),
    ]

    @Test("Browser and system are told in a few words, in both languages", arguments: BrowserNameTests.known)
    func words(agent: String, zh: String, en: String) {
        #expect(BrowserName.words(agent) == Bilingual(zh, en))
    }

    @Test("Of what is not known a line is shown and no more")
    func long() {
        let line = String(repeating: "x", count: 40)
        #expect(BrowserName.words(line).en == line)
        #expect(BrowserName.words(line + "y").en == "\(line)…")
    }

    @Test("The list of devices shows the few words, and keeps what the browser said beside them, escaped")
    func page() async throws {
        let house = try await TestHouse(.sqlite)
        let sessions = Sessions(db: house.house.db, vault: house.house.vault, required: [])
        _ = try await sessions.signIn(
            login: "applicant", password: DemonstrationCity.password,
            from: Sessions.Origin(client: "192.0.2.1", agent: "\(Self.wechat) \"<b>"), now: house.house.clock.now())
        for language in Language.allCases {
            let page = text(
                try await house.visit("account.show", try await house.actor("applicant"), language: language))
            let words = language == .chinese ? "微信 8 · 安卓" : "WeChat 8 · Android"
            #expect(page.contains("8.0.49 &quot;&lt;b&gt;\">\(words)</span>"))
        }
    }
}
