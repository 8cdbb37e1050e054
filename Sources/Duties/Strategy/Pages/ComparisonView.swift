import Kernel
import Portal

/// Shows how two versions differ, clause by clause.
enum ComparisonView {
    static func show(_ old: NormVersion, _ new: NormVersion, onlyChanges: Bool, _ t: Say) -> HTML {
        let pairs = Comparison.pairs(old.clauses, new.clauses)
        let shown = onlyChanges ? pairs.filter { $0.change != .kept } : pairs
        func count(_ change: ClausePair.Change) -> Int { pairs.filter { $0.change == change }.count }
        let tiles = Parts.tiles([
            (String(count(.changed)), t("条有修改", "changed"), nil), (String(count(.added)), t("条新增", "added"), nil),
            (String(count(.removed)), t("条删去", "removed"), nil),
            (String(count(.renumbered)), t("条仅条号变动", "only renumbered"), nil),
        ])
        let rows = HTML(each: shown) { pair in row(pair, t) }
        return """
            \(tiles)<p class="hint">\(t("下划线为新增，删除线为删去；条文按内容对应，不按条号。", "Underlined is new, struck out is gone; clauses are matched by what they say, not by number."))</p>\
            \(if: shown.isEmpty, "<div class=\"empty\"><p>\(t("两个版本没有差别。", "The two versions do not differ."))</p></div>")\
            <div class="comparison">\(rows)</div>
            """
    }

    private static func row(_ pair: ClausePair, _ t: Say) -> HTML {
        let (title, tone): (String, Parts.Tone) =
            switch pair.change {
            case .kept: (t("未修改", "Unchanged"), .neutral)
            case .renumbered: (t("条号变动", "Renumbered"), .neutral)
            case .changed: (t("修改", "Changed"), .warning)
            case .removed: (t("删去", "Removed"), .bad)
            case .added: (t("新增", "Added"), .good)
            }
        return """
            <section class="card"><h2>\(name(pair, t)) \(Parts.badge(title, tone))</h2><p>\(pieces(pair, t))</p></section>
            """
    }

    private static func name(_ pair: ClausePair, _ t: Say) -> String {
        let (old, new) = (pair.old.map { t($0.name) }, pair.new.map { t($0.name) })
        if let old, let new, old != new { return "\(old) → \(new)" }
        return new ?? old ?? ""
    }

    private static func pieces(_ pair: ClausePair, _ t: Say) -> HTML {
        guard pair.change == .changed else { return lines(pair.new?.text ?? pair.old?.text ?? "") }
        return HTML(each: pair.pieces) { piece in
            switch piece.change {
            case .kept: lines(piece.text)
            case .added: "<ins><span class=\"unseen\">\(t("新增：", "added: "))</span>\(lines(piece.text))</ins>"
            case .removed: "<del><span class=\"unseen\">\(t("删去：", "removed: "))</span>\(lines(piece.text))</del>"
            }
        }
    }

    static func lines(_ text: String) -> HTML {
        HTML.join(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { HTML(text: String($0)) },
            separator: "<br>")
    }

    /// A form that chooses two versions.
    static func choice(_ address: SafeURL, _ versions: [NormVersion], from: Int, to: Int, _ t: Say) -> HTML {
        let options = versions.map { (String($0.version), t("第 \($0.version) 版", "Version \($0.version)")) }
        return Fields.filters(
            address,
            """
            \(Fields.select(.init("from", t("旧版本", "Older")), options, value: String(from), t))\
            \(Fields.select(.init("to", t("新版本", "Newer")), options, value: String(to), t))\
            \(Fields.select(.init("show", t("显示", "Show")), [("changes", t("只看有变化的条文", "Changed clauses only"))], value: nil, none: t("全文", "The whole text"), t))
            """, t)
    }
}
