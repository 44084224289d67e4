using System.Text;

namespace Optc.Cli.Rendering;

/// <summary>Standard output, or a file that appears only when it is complete.</summary>
internal static class OutputTarget
{
    /// <summary>Lets <paramref name="write"/> fill the file, or <paramref name="standard"/> when there is none.</summary>
    public static void Write(string? file, TextWriter standard, Action<TextWriter> write)
    {
        if (file is null)
        {
            write(standard);
            return;
        }
        WriteFiles([(file, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            write(writer);
        })]);
    }

    /// <summary>Writes files that appear, in their order, only when all of them are complete.</summary>
    public static void WriteFiles(IReadOnlyList<(string File, Action<Stream> Write)> files)
    {
        // In the same folder, so that the rename stays in one file system.
        (string Target, string Temporary)[] places = [.. files.Select(f => Path.GetFullPath(f.File)).Select(target => (target, $"{target}.{Environment.ProcessId}.tmp"))];
        if (places.FirstOrDefault(p => Directory.Exists(p.Target)).Target is { } folder) throw new IOException($"'{folder}' is a directory");
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                using var stream = new FileStream(places[i].Temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
                files[i].Write(stream);
            }
            foreach ((string target, string temporary) in places) File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            foreach ((_, string temporary) in places) File.Delete(temporary);
        }
    }
}
