{ Reads the marketplaces of a shop, with their credentials, by its access key (Delphi 10.1 or newer). }
unit Marketplaces;

interface

uses System.JSON;

{ Returns the marketplaces; the caller frees them. Url is that of the portal, without /graphql. }
function ReadMarketplaces(const Url, Chave: string): TJSONArray;

implementation

uses System.Net.HttpClient, System.Net.URLClient, System.Classes, System.SysUtils;

function ReadMarketplaces(const Url, Chave: string): TJSONArray;
var
  Http: THTTPClient;
  Body: TStringStream;
  Answer: IHTTPResponse;
  Root: TJSONObject;
begin
  Http := THTTPClient.Create;
  Body := TStringStream.Create(
    '{"query": "{ integration { marketplaces { provider description health { state } ' +
    'credentials { ... on MeuCarrinhoCredentials { username password } ' +
    '... on NuvemshopCredentials { storeId accessToken } ' +
    '... on Plug4MarketCredentials { accessToken expiresAt } ' +
    '... on ShowKaseCredentials { token } } } } }"}', TEncoding.UTF8);
  try
    Http.CustomHeaders['Authorization'] := 'Bearer ' + Chave;
    Http.ContentType := 'application/json';
    Answer := Http.Post(Url + '/graphql', Body);
    if Answer.StatusCode = 401 then
      raise Exception.Create('A chave de acesso não é válida: gere ou renove a chave no portal.');
    Root := TJSONObject.ParseJSONValue(Answer.ContentAsString(TEncoding.UTF8)) as TJSONObject;
    try
      Result := Root.GetValue<TJSONArray>('data.integration.marketplaces').Clone as TJSONArray;
    finally
      Root.Free;
    end;
  finally
    Body.Free;
    Http.Free;
  end;
end;

end.
