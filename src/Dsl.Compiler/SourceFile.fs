namespace Optc.Compiler

open System.IO
open System.Text

/// The text of a model or data file.
module SourceFile =
    let private strict = UTF8Encoding(false, true)

    /// UTF-8, or what a byte order mark says; a file that is not valid UTF-8 is read as Latin-1, as older models are written.
    let read (path: string) : string =
        let bytes = File.ReadAllBytes path

        try
            use reader = new StreamReader(new MemoryStream(bytes), strict, true)
            reader.ReadToEnd()
        with :? DecoderFallbackException ->
            Encoding.Latin1.GetString bytes
