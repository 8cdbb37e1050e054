import Funding
import Kernel
import Review
import Store

/// An expert who accepted, sits on the panel of a case or at a meeting that judges it, may read the files of what is
/// judged, and nobody else's.
enum ReviewAccess {
    static func mayRead(_ item: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Bool {
        if try PanelSheet.isOn(item, actor, tx) || MeetingStore.mayRead(item, actor, tx) { return true }
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else { return false }
        let isReader = try RoundStore.assignments(item: item, tx).contains {
            $0.expert == expert.id && [.accepted, .submitted].contains($0.state)
        }
        return try isReader && BlindReview.showsFiles(item, tx)
    }
}
