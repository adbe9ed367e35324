program client;
{ Prints the answer to a POST of Free Pascal's HTTP client, with what Delphi's components add to it: the characters as
  Content-Encoding, a byte order mark, and a slash behind the address. }
{$mode objfpc}{$H+}
uses
  Classes, SysUtils, fphttpclient;
var
  Http: TFPHTTPClient;
begin
  Http := TFPHTTPClient.Create(nil);
  try
    Http.AddHeader('Authorization', 'Bearer ' + ParamStr(2));
    Http.AddHeader('Content-Type', 'application/json;charset=utf8');
    Http.AddHeader('Content-Encoding', 'utf-8');
    Http.RequestBody := TStringStream.Create(#$EF#$BB#$BF'{"query": "{ integration { client { name } } }"}');
    WriteLn(Http.Post(ParamStr(1) + '/'));
  finally
    Http.RequestBody.Free;
    Http.Free;
  end;
end.
