/// The formats are those of `my_time.cc` in MySQL (`my_time_packed_from_binary`, `my_datetime_packed_from_binary`,
/// `my_timestamp_from_binary`), of `field.cc` before MySQL 5.6, and of `compat56.cc` and `field.cc` in MariaDB.
///
/// Bytes that are no time are printed as the fields that they hold. A point in time is printed in UTC.
extension ByteSink {
    /// Appends YYYY-MM-DD.
    mutating func append(year: UInt64, month: UInt64, day: UInt64) {
        if year > 9999 { append(decimal: year / 10_000) }
        let target = reserve(10)
        writePair(year / 100 % 100, at: target)
        writePair(year % 100, at: target + 2)
        target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 4, as: UInt8.self)
        writePair(month, at: target + 5)
        target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 7, as: UInt8.self)
        writePair(day, at: target + 8)
        advance(10)
    }

    /// Appends hh:mm:ss, with more digits for hours above 99.
    mutating func append(hour: UInt64, minute: UInt64, second: UInt64) {
        if hour > 99 { append(decimal: hour / 100) }
        let target = reserve(8)
        writePair(hour % 100, at: target)
        target.storeBytes(of: UInt8(ascii: ":"), toByteOffset: 2, as: UInt8.self)
        writePair(minute, at: target + 3)
        target.storeBytes(of: UInt8(ascii: ":"), toByteOffset: 5, as: UInt8.self)
        writePair(second, at: target + 6)
        advance(8)
    }

    /// Appends a point and `digits` digits of a fraction of the bytes that such a column has for it: hundredths, ten thousandths or
    /// microseconds.
    private mutating func append(fraction: UInt64, digits: UInt8) {
        guard digits > 0 else { return }
        append(UInt8(ascii: "."))
        append(decimal: digits & 1 == 1 ? fraction / 10 : fraction, width: Int(digits))
    }

    mutating func append(date bytes: UnsafeRawBufferPointer) {
        let value = littleEndian(bytes)
        append(year: value >> 9, month: value >> 5 & 15, day: value & 31)
    }

    mutating func append(time bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let fractionBits = UInt64(digits + 1) / 2 * 8
        let packed = Int64(bigEndian(bytes)) - 0x80_0000 << Int64(fractionBits)
        if packed < 0 { append(UInt8(ascii: "-")) }
        let magnitude = packed.magnitude
        let whole = magnitude >> fractionBits
        append(hour: whole >> 12 & 1023, minute: whole >> 6 & 63, second: whole & 63)
        append(fraction: magnitude & (1 << fractionBits - 1), digits: digits)
    }

    mutating func append(dateTime bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let fractionBits = UInt64(digits + 1) / 2 * 8
        let value = bigEndian(bytes)
        let whole = value >> fractionBits & 0x7f_ffff_ffff
        let month = whole >> 22
        append(year: month / 13, month: month % 13, day: whole >> 17 & 31)
        append(UInt8(ascii: " "))
        append(hour: whole >> 12 & 31, minute: whole >> 6 & 63, second: whole & 63)
        append(fraction: value & (1 << fractionBits - 1), digits: digits)
    }

    mutating func append(timestamp bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let fractionBits = UInt64(digits + 1) / 2 * 8
        let value = bigEndian(bytes)
        append(secondsSince1970: value >> fractionBits)
        append(fraction: value & (1 << fractionBits - 1), digits: digits)
    }

    /// Appends a point in time; 0 is MySQL's zero date.
    mutating func append(secondsSince1970 seconds: UInt64) {
        let dayNumber = seconds / 86400
        let second = seconds % 86400
        if seconds == 0 {
            append(year: 0, month: 0, day: 0)
        } else {
            // Days since 0000-03-01, in eras of 400 years.
            let days = dayNumber + 719_468
            let era = days / 146_097
            let dayOfEra = days % 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            append(
                year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        }
        append(UInt8(ascii: " "))
        append(hour: second / 3600, minute: second / 60 % 60, second: second % 60)
    }

    mutating func append(oldTime bytes: UnsafeRawBufferPointer) {
        let value = (Int64(littleEndian(bytes)) << 40) >> 40
        if value < 0 { append(UInt8(ascii: "-")) }
        let digits = value.magnitude
        append(hour: digits / 10_000, minute: digits / 100 % 100, second: digits % 100)
    }

    mutating func append(oldDateTime bytes: UnsafeRawBufferPointer) {
        let value = littleEndian(bytes)
        let (date, time) = value.quotientAndRemainder(dividingBy: 1_000_000)
        append(year: date / 10_000 % 100_000, month: date / 100 % 100, day: date % 100)
        append(UInt8(ascii: " "))
        append(hour: time / 10_000, minute: time / 100 % 100, second: time % 100)
    }

    /// MariaDB's TIME(n): the time in units of its last digit, plus what the largest time and a second are.
    mutating func append(mariaTime bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let unit = powersOfTen[Int(digits)]
        let value = Int64(bigEndian(bytes)) - 3_020_400 * Int64(unit)
        if value < 0 { append(UInt8(ascii: "-")) }
        let (seconds, fraction) = value.magnitude.quotientAndRemainder(dividingBy: unit)
        append(hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60)
        append(UInt8(ascii: "."))
        append(decimal: fraction, width: Int(digits))
    }

    /// MariaDB's DATETIME(n): year, month of 13, day of 32, hour, minute, second and fraction as one number of mixed radix.
    mutating func append(mariaDateTime bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let (whole, fraction) = bigEndian(bytes).quotientAndRemainder(dividingBy: powersOfTen[Int(digits)])
        let (minutes, second) = whole.quotientAndRemainder(dividingBy: 60)
        let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        let (days, hour) = hours.quotientAndRemainder(dividingBy: 24)
        let (months, day) = days.quotientAndRemainder(dividingBy: 32)
        append(year: months / 13 % 100_000, month: months % 13, day: day)
        append(UInt8(ascii: " "))
        append(hour: hour, minute: minute, second: second)
        append(UInt8(ascii: "."))
        append(decimal: fraction, width: Int(digits))
    }

    /// MariaDB's TIMESTAMP(n): seconds in four bytes, then the fraction in units of its last digit.
    mutating func append(mariaTimestamp bytes: UnsafeRawBufferPointer, digits: UInt8) {
        let fractionBits = UInt64(digits + 1) / 2 * 8
        let value = bigEndian(bytes)
        append(secondsSince1970: value >> fractionBits)
        append(UInt8(ascii: "."))
        append(decimal: value & (1 << fractionBits - 1), width: Int(digits))
    }
}
