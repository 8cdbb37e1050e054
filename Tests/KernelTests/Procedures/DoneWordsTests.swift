import Testing

@testable import Kernel

@Suite("What the actions of procedures are called once they were done")
struct DoneWordsTests {
    @Test(
        "An order becomes what happened, in both languages",
        arguments: [
            (Bilingual("提交", "Submit"), Bilingual("已提交", "Submitted")),
            (Bilingual("撤回", "Withdraw"), Bilingual("已撤回", "Withdrawn")),
            (Bilingual("提交答复", "Send the answers"), Bilingual("已提交答复", "Sent the answers")),
            (Bilingual("汇总意见", "Draw up the sheet"), Bilingual("已汇总意见", "Drew up the sheet")),
            (
                Bilingual("单位确认并报送", "Confirm and hand in"), Bilingual("单位已确认并报送", "Confirmed and handed in")
            ),
            (
                Bilingual("形成调查报告，告知当事人", "Report, and notify the subject"),
                Bilingual("已形成调查报告，告知当事人", "Reported, and notified the subject")
            ),
            (Bilingual("不予受理", "Do not accept"), Bilingual("不予受理", "Not accepted")),
            (Bilingual("不同意", "Refuse"), Bilingual("不同意", "Refused")),
            (Bilingual("本方不同意", "We decline"), Bilingual("本方不同意", "We declined")),
            (Bilingual("送论证", "To the experts"), Bilingual("已送论证", "Sent to the experts")),
            (Bilingual("再次整改", "Mend again"), Bilingual("已要求再次整改", "Told to mend again")),
            (Bilingual("继续整改", "Mend on"), Bilingual("已要求继续整改", "Told to mend on")),
            (Bilingual("重新评审", "Review again"), Bilingual("已要求重新评审", "Told to review again")),
            (
                Bilingual("修改或再次讨论", "Mend or discuss again"),
                Bilingual("已要求修改或再次讨论", "Told to mend or discuss again")
            ),
            (
                Bilingual("试算并报批", "Try and submit for approval"),
                Bilingual("已试算并报批", "Tried and submitted for approval")
            ),
        ])
    func orders(title: Bilingual, done: Bilingual) {
        #expect(DoneWords.of(title) == done)
    }

    @Test(
        "What states a finding or an event already stays as it is",
        arguments: [
            Bilingual("材料齐全", "File is complete"), Bilingual("评审结束", "Review finished"),
            Bilingual("逾期未补正", "Not corrected in time"), Bilingual("已签约", "Signed"), Bilingual("表决通过", "Carried"),
            Bilingual("", ""),
        ])
    func events(title: Bilingual) {
        #expect(DoneWords.of(title) == title)
    }
}
