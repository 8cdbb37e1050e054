import Bureau
import Foundation
import Kernel

/// A file that appears under its name only when it is whole.
final class WholeFile {
    let handle: FileHandle
    private let path: String
    private var isWhole = false
    private var part: String { "\(path).part" }

    init(_ path: String) throws {
        self.path = path
        guard !ImportFiles.isFolder(path),
            FileManager.default.createFile(atPath: "\(path).part", contents: nil),
            let handle = FileHandle(forWritingAtPath: "\(path).part")
        else { throw WholeFile.unwritable(path) }
        self.handle = handle
    }

    /// A part that was never finished is nobody's.
    deinit {
        if !isWhole { unlink(part) }
    }

    private static func unwritable(_ path: String) -> PlainProblem {
        .command("无法写入文件 \(path)，请核对路径、权限和磁盘空间。", "\(path) cannot be written.")
    }

    func finish() throws {
        try handle.synchronize()
        try handle.close()
        guard rename(part, path) == 0 else { throw WholeFile.unwritable(path) }
        isWhole = true
    }
}
