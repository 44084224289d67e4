namespace Optc.Parser

open System
open System.Globalization

/// Decimal numbers as AMPL writes them: `.844`, `2.`, `1.5d1`, `5E+1`.
module internal Numbers =

    /// 10^0 … 10^22 are exact doubles.
    let private powers =
        [| 1e0; 1e1; 1e2; 1e3; 1e4; 1e5; 1e6; 1e7; 1e8; 1e9; 1e10; 1e11; 1e12; 1e13; 1e14; 1e15; 1e16; 1e17
           1e18; 1e19; 1e20; 1e21; 1e22 |]

    let inline private isDigit (c: char) = uint32 c - uint32 '0' <= 9u

    /// The end of the unsigned number that begins at `start` (a digit, or a point before a digit), and its value.
    /// A point followed by another point is not part of the number: `1..4` is a range.
    /// Values of up to 15 digits with a small exponent are exact products or quotients of exact doubles
    /// (Clinger 1990), which is the correctly rounded result; others go to the framework.
    let scan (text: string) (start: int) (value: byref<float>) : int =
        let length = text.Length
        let mutable i = start
        let mutable mantissa = 0L
        let mutable digits = 0
        let mutable scale = 0

        while i < length && isDigit text[i] do
            if digits < 18 then
                mantissa <- mantissa * 10L + int64 text[i] - int64 '0'

            if mantissa > 0L then
                digits <- digits + 1

            i <- i + 1

        if i < length && text[i] = '.' && not (i + 1 < length && text[i + 1] = '.') then
            i <- i + 1

            while i < length && isDigit text[i] do
                if digits < 18 then
                    mantissa <- mantissa * 10L + int64 text[i] - int64 '0'
                    scale <- scale - 1

                if mantissa > 0L then
                    digits <- digits + 1

                i <- i + 1

        let mutable exponent = 0

        if i < length && (text[i] = 'e' || text[i] = 'E' || text[i] = 'd' || text[i] = 'D') then
            let mutable j = i + 1
            let negative = j < length && text[j] = '-'

            if j < length && (text[j] = '-' || text[j] = '+') then
                j <- j + 1

            if j < length && isDigit text[j] then
                while j < length && isDigit text[j] do
                    if exponent < 100000 then
                        exponent <- exponent * 10 + int text[j] - int '0'

                    j <- j + 1

                if negative then
                    exponent <- -exponent

                i <- j

        let power = scale + exponent

        if digits <= 15 && power >= -22 && power <= 22 then
            value <-
                if power < 0 then
                    float mantissa / powers[-power]
                else
                    float mantissa * powers[power]
        else
            let written = text.Substring(start, i - start).Replace('d', 'e').Replace('D', 'e')
            value <- Double.Parse(written, NumberStyles.Float, CultureInfo.InvariantCulture)

        i
