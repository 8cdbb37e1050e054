import CXlsx
internal import Synchronization

/// A cell of an exported list.
public enum ListCell: Hashable, Sendable {
    case text(String)
    case number(Int64)
    case money(Money)
    case day(Day)
    case none

    /// As it stands in a CSV file: money in yuan with two decimals, days as `YYYY-MM-DD`.
    public var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .money(let money): money.plainText
        case .day(let day): day.description
        case .none: ""
        }
    }
}

extension Money {
    /// Yuan with two decimals and no separators, as programs read it.
    public var plainText: String {
        let magnitude = fen.magnitude
        return "\(fen < 0 ? "-" : "")\(magnitude / 100).\(padded(Int(magnitude % 100), 2))"
    }
}

/// Writes a list as an XLSX file row by row, in a memory that does not grow with it. Texts stay texts: no cell can
/// become a formula. Calls block on the disk.
public final class Workbook: Sendable {
    /// Rows that one sheet takes; a longer list goes on in another sheet.
    public static let sheetRows = 1_048_576
    /// Characters that a cell takes; a longer text ends with an ellipsis, and is whole in the CSV file.
    static let cellLength = 32_000

    private struct State {
        var book: UnsafeMutablePointer<lxw_workbook>?
        var sheet: UnsafeMutablePointer<lxw_worksheet>?
        var row = 0
        var sheets = 0
        var heading: UnsafeMutablePointer<lxw_format>?
        var money: UnsafeMutablePointer<lxw_format>?
        var day: UnsafeMutablePointer<lxw_format>?
    }

    private let header: [String]
    private let most: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: where the file is made; it is whole after ``close()``.
    ///   - folder: where the library keeps its own temporary files.
    ///   - rowsPerSheet: smaller than a sheet takes, for tests.
    /// - Throws: ``DocumentError/storage(_:)``.
    public init(path: String, header: [String], folder: String, rowsPerSheet: Int = Workbook.sheetRows) throws {
        self.header = header
        most = rowsPerSheet
        var state = State()
        folder.withCString { folder in
            var options = lxw_workbook_options(
                constant_memory: 1, tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 0)
            state.book = workbook_new_opt(path, &options)
        }
        guard let book = state.book else { throw DocumentError.storage("xlsx") }
        // The library would write down the machine's time: the same list shall be the same file whenever it is made.
        var properties = lxw_doc_properties()
        properties.created = 946_684_800
        workbook_set_properties(book, &properties)
        state.heading = workbook_add_format(book)
        format_set_bold(state.heading)
        state.money = workbook_add_format(book)
        format_set_num_format(state.money, "#,##0.00")
        state.day = workbook_add_format(book)
        format_set_num_format(state.day, "yyyy-mm-dd")
        self.state = Mutex(state)
    }

    /// Adds rows.
    /// - Throws: ``DocumentError/storage(_:)``.
    public func add(_ rows: [[ListCell]]) throws {
        try state.withLock { state in
            for cells in rows {
                if state.sheet == nil || state.row >= most { try open(&state) }
                for (column, cell) in cells.enumerated() { try Workbook.write(cell, column, state) }
                state.row += 1
            }
        }
    }

    /// Finishes the file.
    /// - Throws: ``DocumentError/storage(_:)``.
    public func close() throws {
        try state.withLock { state in
            if state.sheet == nil { try open(&state) }
            guard let book = state.book else { return }
            state.book = nil
            try Workbook.check(workbook_close(book))
        }
    }

    deinit {
        state.withLock { state in
            if let book = state.book { lxw_workbook_free(book) }
        }
    }

    private func open(_ state: inout State) throws {
        state.sheets += 1
        guard let sheet = workbook_add_worksheet(state.book, "\(state.sheets)") else {
            throw DocumentError.storage("xlsx")
        }
        state.sheet = sheet
        for (column, title) in header.enumerated() {
            try Workbook.check(worksheet_write_string(sheet, 0, UInt16(column), title, state.heading))
        }
        worksheet_freeze_panes(sheet, 1, 0)
        state.row = 1
    }

    private static func write(_ cell: ListCell, _ column: Int, _ state: State) throws {
        let (row, column) = (UInt32(state.row), UInt16(column))
        switch cell {
        case .none: break
        case .text(let text):
            let cut = text.unicodeScalars.count > cellLength
            let shown = cut ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(cellLength - 1))) + "…" : text
            // A NUL would end the text for the library.
            try check(worksheet_write_string(state.sheet, row, column, shown.filter { $0 != "\0" }, nil))
        case .number(let number) where number.magnitude < 1 << 53:
            try check(worksheet_write_number(state.sheet, row, column, Double(number), nil))
        case .money(let money) where money.fen.magnitude < 1 << 53:
            // The file format knows no other numbers; below 2^53 fen each sum has its own one.
            try check(worksheet_write_number(state.sheet, row, column, Double(money.fen) / 100, state.money))
        case .number, .money: try check(worksheet_write_string(state.sheet, row, column, cell.text, nil))
        case .day(let day):
            let parts = day.parts
            var moment = lxw_datetime()
            moment.year = Int32(parts.year)
            moment.month = Int32(parts.month)
            moment.day = Int32(parts.day)
            // The format counts days from 1900.
            if parts.year < 1900 {
                try check(worksheet_write_string(state.sheet, row, column, cell.text, nil))
            } else {
                try check(worksheet_write_datetime(state.sheet, row, column, &moment, state.day))
            }
        }
    }

    private static func check(_ result: lxw_error) throws {
        guard result == LXW_NO_ERROR else { throw DocumentError.storage(String(cString: lxw_strerror(result))) }
    }
}
