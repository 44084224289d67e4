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
        string target = Path.GetFullPath(file);
        // In the same folder, so that the rename stays in one file system.
        string temporary = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            using (var writer = new StreamWriter(temporary, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))) write(writer);
            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
