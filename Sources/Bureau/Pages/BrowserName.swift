import Kernel

/// What a browser said of itself, in the few words by which its owner knows it again.
enum BrowserName {
    /// Such as `Chrome 128 · Windows`; of what is not known, the beginning as it stands.
    static func words(_ agent: String) -> Bilingual {
        guard !agent.isEmpty else { return Bilingual("未知设备", "unknown device") }
        let parts = [browser(agent), system(agent)].compactMap(\.self)
        guard !parts.isEmpty else {
            let line = agent.count > longest ? "\(agent.prefix(longest))…" : agent
            return Bilingual(line, line)
        }
        return Bilingual(parts.map(\.zh).joined(separator: " · "), parts.map(\.en).joined(separator: " · "))
    }

    /// Characters of what is not known.
    private static let longest = 40

    private static func browser(_ agent: String) -> Bilingual? {
        for (mark, name) in browsers {
            guard let place = agent.firstRange(of: mark) else { continue }
            let version = agent[place.upperBound...].prefix { $0.isASCII && $0.isNumber }
            return version.isEmpty ? name : Bilingual("\(name.zh) \(version)", "\(name.en) \(version)")
        }
        return nil
    }

    private static func system(_ agent: String) -> Bilingual? {
        systems.first { agent.contains($0.mark) }?.name
    }

    /// The mark that stands before the version. Most say that they are others as well, so that the order counts.
    private static let browsers: [(mark: String, name: Bilingual)] = [
        ("wxwork/", Bilingual("企业微信", "WeCom")), ("MicroMessenger/", Bilingual("微信", "WeChat")),
        ("DingTalk/", Bilingual("钉钉", "DingTalk")),
        ("QQBrowser/", Bilingual("QQ 浏览器", "QQ Browser")), ("UCBrowser/", Bilingual("UC 浏览器", "UC Browser")),
        ("HuaweiBrowser/", Bilingual("华为浏览器", "Huawei Browser")),
        ("MiuiBrowser/", Bilingual("小米浏览器", "Mi Browser")),
        ("SamsungBrowser/", Bilingual("三星浏览器", "Samsung Internet")), ("Edg/", Bilingual("Edge", "Edge")),
        ("EdgA/", Bilingual("Edge", "Edge")), ("EdgiOS/", Bilingual("Edge", "Edge")),
        ("OPR/", Bilingual("Opera", "Opera")), ("Firefox/", Bilingual("Firefox", "Firefox")),
        ("FxiOS/", Bilingual("Firefox", "Firefox")), ("CriOS/", Bilingual("Chrome", "Chrome")),
        ("Chrome/", Bilingual("Chrome", "Chrome")), ("Version/", Bilingual("Safari", "Safari")),
    ]

    private static let systems: [(mark: String, name: Bilingual)] = [
        ("HarmonyOS", Bilingual("鸿蒙", "HarmonyOS")), ("OpenHarmony", Bilingual("鸿蒙", "HarmonyOS")),
        ("iPhone", Bilingual("iPhone", "iPhone")), ("iPad", Bilingual("iPad", "iPad")),
        ("Android", Bilingual("安卓", "Android")), ("Windows NT", Bilingual("Windows", "Windows")),
        ("Mac OS X", Bilingual("macOS", "macOS")), ("CrOS", Bilingual("ChromeOS", "ChromeOS")),
        ("Linux", Bilingual("Linux", "Linux")),
    ]
}
