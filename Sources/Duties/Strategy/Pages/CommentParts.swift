import Kernel
import Portal

/// What the pages show of comments and their answers.
enum CommentParts {
    static func badge(_ comment: Comment, _ t: Say) -> HTML {
        guard let verdict = comment.verdict else { return Parts.badge(t("待答复", "Open"), .warning) }
        let tone: Parts.Tone = verdict == .taken ? .good : verdict == .partly ? .info : .neutral
        return Parts.badge(t(verdict.title), tone)
    }

    static func chart(_ counts: CommentCounts, id: String, _ t: Say) -> HTML {
        let items = Comment.Verdict.allCases.map { (label: t($0.title), value: counts.answered[$0] ?? 0) }
        return Chart.bars(
            ChartText(
                id: id, title: t("意见采纳情况", "How comments were answered"),
                description: t(
                    "共 \(counts.all) 条意见，其中 \(counts.open) 条待答复。",
                    "\(counted(counts.all, "comment")) in all, \(counts.open) not answered yet."),
                unit: t("条", "comments")),
            items + [(t("待答复", "Open"), counts.open)], t)
    }
}
