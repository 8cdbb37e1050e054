public import Kernel

/// The frame round every page: who we are, where to go, in which language, who you are.
public struct SiteLayout: Sendable {
    let bureau: Bilingual
    let contact: Bilingual
    let style: String
    let script: String
    let isDemonstration: Bool

    /// - Parameter assets: where style and script are found.
    public init(bureau: Bilingual, contact: Bilingual, assets: Assets, isDemonstration: Bool) {
        self.bureau = bureau
        self.contact = contact
        style = assets.address("portal.css") ?? ""
        script = assets.address("portal.js") ?? ""
        self.isDemonstration = isDemonstration
    }

    /// Style and script of the house.
    public static let assets: [Asset] = [
        Asset(name: "portal.css", bytes: PackageResources.portal_css),
        Asset(name: "portal.js", bytes: PackageResources.portal_js),
        Asset(name: "favicon.svg", bytes: PackageResources.favicon_svg),
    ]

    /// The whole document.
    public func render(_ page: Page, _ frame: Frame) -> HTML {
        let t = Say(frame.language)
        let width = page.width == .desk ? "desk" : "reading"
        return """
            <!DOCTYPE html><html lang="\(t.tag)"><head><meta charset="utf-8">\
            <meta name="viewport" content="width=device-width, initial-scale=1">\
            <title>\(t(page.title)) – \(t("科创", "Kechuang"))</title>\
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"><link rel="stylesheet" href="\(style)">\
            <script src="\(script)" defer></script></head><body class="\(width)">\
            <a class="skip" href="#main">\(t("跳到正文", "Skip to the content"))</a>\(header(page, frame, t))\
            <div class="frame">\(trail(page, frame, t))<main id="main" tabindex="-1">\(page.body)</main></div>\(footer(t))</body></html>
            """
    }

    private func header(_ page: Page, _ frame: Frame, _ t: Say) -> HTML {
        let other: Language = frame.language == .chinese ? .english : .chinese
        let links = navigation(frame.actor, t)
        let path = frame.address.split(separator: "?").first.map(String.init) ?? "/"
        let entry = SiteLayout.entry(of: page, at: path, among: links.map { $0.path })
        let items = HTML(each: links) { link in
            // Beneath the entry's own page it is the part of the house in which one stands.
            let current = link.path == entry ? (link.path == path ? "page" : "true") : nil
            return "<li><a href=\"\(link.path)\"\(attribute: "aria-current", current)>\(link.title)</a></li>"
        }
        return """
            <header class="site"><div class="bar"><a class="brand" href="/"><span class="mark" aria-hidden="true">科</span>\
            <span><strong>\(t("科创", "Kechuang"))</strong><small>\(t(bureau))</small></span></a>\
            <div class="me">\(account(frame, t))<a class="language" hreflang="\(other == .chinese ? "zh-CN" : "en")" \
            lang="\(other == .chinese ? "zh-CN" : "en")" href="\(languageLink(frame, other))">\(other == .chinese ? "中文" : "English")</a></div></div>\
            <nav class="main" aria-label="\(t("主导航", "Main"))"><ul>\(items)</ul></nav></header>
            """
    }

    /// The entry of the navigation under which a page stands: by its own address, or else by the first step of the way
    /// to it that has one.
    private static func entry(of page: Page, at path: String, among entries: [String]) -> String? {
        for address in [path] + page.trail.map(\.path) {
            let found = entries.first { $0 == "/" ? address == "/" : address == $0 || address.hasPrefix("\($0)/") }
            if let found { return found }
        }
        return nil
    }

    private func languageLink(_ frame: Frame, _ other: Language) -> String {
        let parts = frame.address.split(separator: "?", maxSplits: 1).map(String.init)
        let kept = (parts.count > 1 ? parts[1] : "").split(separator: "&").filter {
            !$0.hasPrefix("\(LanguageChoice.field)=")
        }
        let query = (kept.map(String.init) + ["\(LanguageChoice.field)=\(other.rawValue)"]).joined(separator: "&")
        return "\(parts.first ?? "/")?\(query)"
    }

    private func account(_ frame: Frame, _ t: Say) -> HTML {
        guard frame.actor.account != nil else {
            return "<a href=\"/sign-in\">\(t("登录", "Sign in"))</a><a href=\"/register\">\(t("注册", "Register"))</a>"
        }
        return """
            <a href="/account">\(frame.actor.name)</a>\(Parts.post("/sign-out", t("退出", "Sign out"), token: frame.csrfToken))
            """
    }

    private func navigation(_ actor: Actor, _ t: Say) -> [(title: String, path: String)] {
        var links: [(String, String)] = []
        if actor.account != nil { links.append((t("我的工作台", "My work"), "/work")) }
        if actor.roles.contains(.expert) { links.append((t("评审", "Reviews"), "/reviews")) }
        if !actor.memberships.isEmpty { links.append((t("单位", "Organisation"), "/organisation")) }
        if !actor.roles.isDisjoint(with: [.officer, .leader, .treasurer, .auditor]) {
            links.append((t("业务", "Desk"), "/desk"))
        }
        if actor.roles.contains(.auditor) { links.append((t("审计", "Audit"), "/audit")) }
        if actor.roles.contains(.systemAdministrator) { links.append((t("管理", "Administration"), "/admin")) }
        if actor.account == nil { links.append((t("首页", "Home"), "/")) }
        links += [
            (t("申报指南", "Calls"), "/calls"), (t("公示", "Notices"), "/notices"), (t("资助项目", "Projects"), "/projects"),
            (t("办事指南", "Guides"), "/guides"), (t("业务领域", "Rooms"), "/rooms"), (t("检索", "Search"), "/search"),
        ]
        if isDemonstration { links.append((t("演示", "Demonstration"), "/demo")) }
        return links
    }

    private func trail(_ page: Page, _ frame: Frame, _ t: Say) -> HTML {
        guard !page.trail.isEmpty else { return .empty }
        let crumbs = HTML(each: page.trail) { crumb in
            frame.mayOpen(crumb.path)
                ? "<li><a href=\"\(crumb.path)\">\(t(crumb.title))</a></li>" : "<li>\(t(crumb.title))</li>"
        }
        return """
            <nav class="trail" aria-label="\(t("当前位置", "You are here"))"><ol><li><a href="/">\(t("首页", "Home"))</a></li>\
            \(crumbs)</ol></nav>
            """
    }

    private func footer(_ t: Say) -> HTML {
        // The dot that parts two of them stays with the one before it.
        let address = "\(t(bureau)) · \(t(contact))".replacing(" · ", with: "\u{A0}· ")
        return """
            <footer class="site"><p>\(address)</p><p><a href="/verify">\(t("函件验证", "Verify a letter"))</a> \
            <a href="/incidents">\(t("事件通报", "Incidents"))</a> <a href="/outages">\(t("停机记录", "Outages"))</a> <a href="/accessibility">\(t("无障碍", "Accessibility"))</a> <a href="/api/v1/openapi.json">\(t("开放接口", "Open API"))</a></p></footer>
            """
    }
}
