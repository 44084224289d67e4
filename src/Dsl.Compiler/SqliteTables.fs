namespace Optc.Compiler

open System
open System.IO
open Microsoft.Data.Sqlite

/// Tables of SQLite databases. Failures are `InvalidDataException`.
module SqliteTables =
    let private quote (name: string) = "\"" + name.Replace("\"", "\"\"") + "\""

    let private connect (path: string) mode (action: SqliteConnection -> 'T) : 'T =
        try
            use connection = new SqliteConnection(SqliteConnectionStringBuilder(DataSource = path, Mode = mode, Pooling = false).ToString())
            connection.Open()
            action connection
        with :? SqliteException as e ->
            raise (InvalidDataException e.Message)

    let private value (reader: SqliteDataReader) k : Member voption =
        match reader.GetValue k with
        | :? DBNull -> ValueNone
        | :? int64 as x -> ValueSome { Number = float x; Symbol = null }
        | :? float as x -> ValueSome { Number = x; Symbol = null }
        | other -> ValueSome(Member.OfSymbol(string other))

    /// The rows of a table, or of a query that begins with `select` or `with`.
    let read (path: string) (tableOrQuery: string) : TableContent =
        let trimmed = tableOrQuery.TrimStart()
        let begins (word: string) = trimmed.StartsWith(word + " ", StringComparison.OrdinalIgnoreCase)
        let query = if begins "select" || begins "with" then tableOrQuery else $"select * from {quote tableOrQuery}"

        connect path SqliteOpenMode.ReadOnly (fun connection ->
            use command = connection.CreateCommand()
            command.CommandText <- query
            use reader = command.ExecuteReader()

            { Columns = Array.init reader.FieldCount reader.GetName
              Rows =
                [| while reader.Read() do
                       Array.init reader.FieldCount (value reader) |] })

    /// Replaces the table in one transaction.
    let write (path: string) (table: string) (content: TableContent) : unit =
        connect path SqliteOpenMode.ReadWriteCreate (fun connection ->
            use transaction = connection.BeginTransaction()

            let execute (text: string) =
                use command = connection.CreateCommand()
                command.CommandText <- text
                command.ExecuteNonQuery() |> ignore

            let columns = String.Join(", ", content.Columns |> Array.map quote)
            execute $"drop table if exists {quote table}"
            execute $"create table {quote table} ({columns})"
            use insert = connection.CreateCommand()
            let names = content.Columns |> Array.mapi (fun k _ -> $"@p{k}")
            let list = String.Join(", ", names)
            insert.CommandText <- $"insert into {quote table} values ({list})"
            let parameters = names |> Array.map (fun n -> insert.Parameters.AddWithValue(n, DBNull.Value))

            for row in content.Rows do
                for k in 0 .. row.Length - 1 do
                    parameters[k].Value <-
                        match row[k] with
                        | ValueNone -> box DBNull.Value
                        | ValueSome m ->
                            match m.Symbol with
                            | null -> box m.Number
                            | symbol -> box symbol

                insert.ExecuteNonQuery() |> ignore

            transaction.Commit())
