namespace Optc.Parser

/// What was read: the tree holds every statement that could be parsed, also when there are errors.
type ParseResult =
    { Tree: SyntaxTree
      Diagnostics: Diagnostic list }

    member this.HasErrors =
        this.Diagnostics |> List.exists (fun d -> d.Severity = Error)

/// From texts to the syntax tree.
module Parser =

    /// Whether a file holds data only, by its name.
    let private isData (source: Source) =
        source.Name.EndsWith(".dat", System.StringComparison.OrdinalIgnoreCase)

    /// Parses several texts, one after the other, as one program. Texts whose name ends in `.dat` begin in data
    /// mode. `openFile` finds the files of `include`, `model` and `data`: it is given the name joined to the folder
    /// of the text that asks for it, and answers with the text or the reason why there is none.
    /// Never throws for what stands in a text: errors are in the diagnostics, at most 20 of them.
    let parse (openFile: string -> Result<Source, string>) (sources: Source list) : ParseResult =
        let session = Session openFile
        let statements = ResizeArray<Statement>()

        try
            for source in sources do
                Statements.parseSource session source (isData source) statements

            if statements.Count = 0 && session.Errors = 0 then
                let span: Span =
                    match sources with
                    | source :: _ ->
                        { Source = source
                          Start = 0
                          End = 0 }
                    | [] -> Span.None

                session.Report(
                    Diagnostics.create
                        Error
                        "empty"
                        "the model holds no statements"
                        span
                        (Some "a model has at least variables and an objective or constraints")
                )
        with Abandon ->
            ()

        { Tree =
            { Statements = List.ofSeq statements
              Sources = List.ofSeq session.Sources }
          Diagnostics = List.ofSeq session.Diagnostics }

    /// Parses one text that includes no files.
    let parseText (name: string) (text: string) : ParseResult =
        parse (fun file -> Result.Error $"no files here, '{file}' among them") [ Source(name, text) ]
