using System.Text.Json;
using Optc.Runtime.Solvers;

namespace Optc.Cli.Rendering;

/// <summary>Writes every iteration as one line of JSON.</summary>
internal sealed class TraceWriter(string file) : IDisposable
{
    private readonly FileStream _stream = new(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 14);

    /// <summary>Writes one line.</summary>
    public void Write(IterationRecord record)
    {
        using (var json = new Utf8JsonWriter(_stream))
        {
            json.WriteStartObject();
            json.WriteNumber("outer", record.Outer);
            json.WriteNumber("inner", record.Inner);
            json.WriteFinite("objective", record.Objective);
            json.WriteFinite("infeasibility", record.Infeasibility);
            json.WriteFinite("stationarity", record.Stationarity);
            json.WriteFinite("penalty", record.Penalty);
            json.WriteFinite("step", record.Step);
            json.WriteFinite("regularisation", record.Regularisation);
            json.WriteFinite("seconds", record.Seconds);
            json.WriteEndObject();
        }
        _stream.WriteByte((byte)'\n');
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
