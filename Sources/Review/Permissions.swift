public import Kernel

/// What this room lets people do.
extension Permission {
    /// To run reviews.
    public static let runReviews = Permission(Bilingual("组织评审", "run reviews"), [.officer])
}
